# syntax=docker/dockerfile:1

# Both stages are of the same Debian, so that the binary finds the libc that it was built with.
FROM rust:1.95-slim-trixie AS build
WORKDIR /src
# gcc and libc's headers, which this image has, compile the C of aws-lc-sys.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked \
    && cp target/release/baton-salesforce /usr/local/bin/

FROM debian:trixie-slim
# Mozilla's certificate authorities, from the build image: nothing else of a package is needed here.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/bin/baton-salesforce /usr/local/bin/
# Documents go to the working folder: mount one there.
RUN useradd --system --uid 10001 --create-home --home-dir /data baton
USER 10001
WORKDIR /data
ENTRYPOINT ["baton-salesforce"]
