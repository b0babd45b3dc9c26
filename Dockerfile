# One program and the libraries that it links, in an otherwise empty image.
# scripts/container_root.ts reads the last stage, so that it can be tried where there is no container engine.

FROM denoland/deno:2.9.6 AS build
WORKDIR /src
COPY deno.json deno.lock main.ts ./
COPY scripts scripts
COPY src src
RUN deno task compile && mkdir -p empty

FROM scratch
COPY --from=build /src/dist/imageproxy /imageproxy
COPY --from=build /lib/*-linux-gnu/ld-linux-*.so.* /lib/
COPY --from=build /lib/*-linux-gnu/ld-linux-*.so.* /lib64/
COPY --from=build \
  /lib/*-linux-gnu/libc.so.6 \
  /lib/*-linux-gnu/libdl.so.2 \
  /lib/*-linux-gnu/libgcc_s.so.1 \
  /lib/*-linux-gnu/libm.so.6 \
  /lib/*-linux-gnu/libpthread.so.0 \
  /lib/*-linux-gnu/librt.so.1 \
  /lib/
# Belongs to the user below, and so does the volume that is made of it: -cache /var/cache/imageproxy.
COPY --from=build --chown=65532:65532 /src/empty /var/cache/imageproxy

USER 65532:65532
ENV IMAGEPROXY_ADDR=0.0.0.0:8080
# For the C library: what is freed goes back to the system, also the large pieces among it.
ENV MALLOC_TRIM_THRESHOLD_=131072
EXPOSE 8080
VOLUME /var/cache/imageproxy
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/imageproxy", "healthcheck"]
ENTRYPOINT ["/imageproxy"]
