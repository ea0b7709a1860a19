# The example application: static, no shell, not root; its health check is the
# program itself. Build from the repository's root:
#
#   docker build -f deploy/docker/shop.Dockerfile -t shop .

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
COPY examples/go.mod examples/go.sum examples/
COPY localaws/go.mod localaws/go.sum localaws/
RUN cd examples && go mod download
COPY . .
RUN cd examples && CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /out/shop ./shop

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/shop /shop
USER 65532:65532
ENV SHOP_WEB_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["/shop", "healthcheck"]
ENTRYPOINT ["/shop"]
