# The agent: one static binary, no shell, not root. Build from the repository's
# root, for the platform of the target:
#
#   docker build -f deploy/docker/agent.Dockerfile -t updraft-agent .
#   docker buildx build --platform linux/amd64,linux/arm64 -f deploy/docker/agent.Dockerfile .
#
# The stage xray-daemon takes the place of amazon/aws-xray-daemon: the same
# arguments, the same ports.
#
#   docker build -f deploy/docker/agent.Dockerfile --target xray-daemon -t updraft-xray-daemon .

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
COPY agent/go.mod agent/go.sum agent/
COPY localaws/go.mod localaws/go.sum localaws/
RUN cd agent && go mod download
COPY . .
RUN cd agent && CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /out/updraft-agent ./cmd/updraft-agent \
 && ln -s updraft-agent /out/awscollector && ln -s updraft-agent /out/healthcheck && mkdir -p /queue

FROM scratch AS files
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# The program, and links to it by the names that manifests and health checks for
# the AWS Distro for OpenTelemetry use.
COPY --from=build /out/ /
COPY --from=build --chown=65532:65532 /queue /var/lib/otelcol/file_storage
USER 65532:65532

FROM files AS xray-daemon
EXPOSE 2000/udp 2000/tcp
ENTRYPOINT ["/updraft-agent", "xray-daemon", "-t", "0.0.0.0:2000", "-b", "0.0.0.0:2000"]

FROM files AS agent
EXPOSE 4317 4318 2000/udp 2000/tcp 13133
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s --retries=3 CMD ["/updraft-agent", "healthcheck"]
ENTRYPOINT ["/updraft-agent"]
