{{- define "imageproxy.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "imageproxy.selector" -}}
app.kubernetes.io/name: imageproxy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "imageproxy.redisSelector" -}}
app.kubernetes.io/name: imageproxy-redis
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "imageproxy.labels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}
