// A self-signed certificate for origin.test and 127.0.0.1, made with `openssl req -x509` and valid until
// 2126, so that https can be tested. Nothing but the tests trusts it, and its key is no secret.

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIUQXZ37pjBuGWC50LJ8eZOvGh6eykwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLb3JpZ2luLnRlc3QwIBcNMjYxMTIzMjExMTI4WhgPMjEyNjEw
MzAyMTExMjhaMBYxFDASBgNVBAMMC29yaWdpbi50ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEGUq/OanjbjFYqt/zRnzn2CUbggoL7vL4IT2PniKmvwK7yfb9
Zfm1SuUPYdH7to7LpH/v3xJ3elpADHVVufjB36NuMGwwHQYDVR0OBBYEFNAkxpV9
2aYzBMxMlSXOJhVVNrXtMB8GA1UdIwQYMBaAFNAkxpV92aYzBMxMlSXOJhVVNrXt
MBwGA1UdEQQVMBOCC29yaWdpbi50ZXN0hwR/AAABMAwGA1UdEwEB/wQCMAAwCgYI
KoZIzj0EAwIDSQAwRgIhAMWa1u79yGDPeeFxSzlSAaiUi6PKzaDik+vE4OqeVD/U
AiEAjcoOrPI4xsuujthq2TaftWUISfUg+hRlhEGQPjSRYSg=
-----END CERTIFICATE-----
`;

export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPthy8f1DwpHol46E
A9VEk5H0ZCZf/6qc7omQ5tj+sKihRANCAAQZSr85qeNuMViq3/NGfOfYJRuCCgvu
8vghPY+eIqa/ArvJ9v1l+bVK5Q9h0fu2jsukf+/fEnd6WkAMdVW5+MHf
-----END PRIVATE KEY-----
`;
