# The exporter as one Native AOT binary on a base without a shell. For both architectures:
#   docker buildx build --platform linux/amd64,linux/arm64 .
# The classic builder takes it, too, for the machine's own architecture; so do podman and buildah.
# The lock files have the packages of this SDK.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0.401
ARG RUNTIME=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

# On the building machine's own architecture, since the .NET SDK does not run under emulation; where the builder does not
# say which that is, "linux" leaves the architecture as it is.
FROM --platform=${BUILDPLATFORM:-linux} ${SDK} AS build
ARG TARGETARCH
SHELL ["/bin/bash", "-euc"]

# The linker and, for the other architecture, its C library.
RUN case "${TARGETARCH:-$(dpkg --print-architecture)}" in \
        amd64) rid=linux-x64 cross=x86-64-linux-gnu ;; \
        arm64) rid=linux-arm64 cross=aarch64-linux-gnu ;; \
        *) echo "builds for amd64 and arm64, not for ${TARGETARCH}" >&2; exit 1 ;; \
    esac; \
    echo "$rid" > /rid; \
    packages=(clang); \
    [[ ${TARGETARCH:-$(dpkg --print-architecture)} == "$(dpkg --print-architecture)" ]] || packages+=("gcc-$cross" "libc6-dev-$TARGETARCH-cross" llvm); \
    dpkg --status "${packages[@]}" > /dev/null 2>&1 || { apt-get update -q && apt-get install -y -q --no-install-recommends "${packages[@]}"; }

WORKDIR /source
COPY .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY src/OpenClaw.Kernel/OpenClaw.Kernel.csproj src/OpenClaw.Kernel/packages.lock.json src/OpenClaw.Kernel/
COPY src/OpenClaw.Exporter/OpenClaw.Exporter.csproj src/OpenClaw.Exporter/packages.lock.json src/OpenClaw.Exporter/
# For both architectures, as the lock files have them.
RUN dotnet restore src/OpenClaw.Exporter --locked-mode
COPY src src
ARG REVISION=
RUN dotnet publish src/OpenClaw.Exporter --configuration Release --no-restore --runtime "$(cat /rid)" --output /publish \
        ${REVISION:+"-p:SourceRevisionId=$REVISION"}

FROM ${RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="OpenClaw.Exporter" \
      org.opencontainers.image.description="Says which network resource a Linux machine is about to run out of, who holds it, and which command frees it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /publish/openclaw-exporter /usr/bin/openclaw-exporter
USER 65532:65532
EXPOSE 10087

# It asks the port that OPENCLAW_EXPORTER_WEB_LISTEN_ADDRESS names: where the port is changed, set that, not the flag.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/usr/bin/openclaw-exporter", "healthcheck"]
ENTRYPOINT ["/usr/bin/openclaw-exporter"]
