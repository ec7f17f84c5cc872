# syntax=docker/dockerfile:1

# Alpine's Rust builds for musl: the binary is static and needs nothing of the image that it runs in.
FROM rust:1.95-alpine AS build
SHELL ["/bin/ash", "-e", "-o", "pipefail", "-c"]
WORKDIR /src
# gcc and musl's headers, which this image has, compile the C of aws-lc-sys, SQLite and zstd.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked \
    && install -D -m 755 target/release/baton-salesforce /image/usr/local/bin/baton-salesforce \
    && install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
    && install -d -m 1777 /folders/data /folders/tmp \
    && ! readelf -d /image/usr/local/bin/baton-salesforce | grep NEEDED

# The binary, Mozilla's certificate authorities, and two empty folders that any user may write to.
FROM scratch
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /folders/ /
# Documents go to the working folder, sorting beyond memory goes to /tmp: with a read-only root, mount both.
WORKDIR /data
# There is no home to keep logins in; whoever wants them kept names a folder on a volume.
ENV BATON_LOGIN_STORE=none
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/baton-salesforce"]
