extension FaultTable {
    /// What is wrong with the image.
    static let content: [Fault] = [
        Fault(
            "repository-unknown",
            at: .manifest,
            printed: [
                "name unknown: repository name not known to registry", "NAME_UNKNOWN", "repository not found",
                "name unknown: …", "repository … not found: does not exist or no pull access",
                "repository … not found: name unknown",
            ],
            "The registry has no such repository. The first push makes it, in registries that allow that."
        ) { subject in
            [
                Mend(.any, "See which there are.", commands: ["wharf list \(subject.host)"]),
                Mend(
                    .any,
                    "Look at the name: Docker Hub's own images lie in library/ there, and nowhere else by "
                        + "themselves. A mirror "
                        + "keeps them under the same name."
                ),
                Mend(
                    .registry,
                    "ECR wants it made first.",
                    commands: [
                        "aws ecr create-repository --repository-name \(subject.repository)"
                    ]
                ),
            ]
        },
        Fault(
            "tag-unknown",
            at: .manifest,
            printed: [
                "manifest for … not found: manifest unknown: manifest unknown", "manifest for … not found",
                "manifest unknown", "MANIFEST_UNKNOWN", "failed to resolve reference …: not found",
                "failed to resolve source metadata for …: not found",
                "reading manifest … in …: manifest unknown",
                "manifest unknown: The named manifest is not known to the registry.",
            ],
            "There is such a repository, and no such tag in it: mistyped, deleted, or never pushed. Without "
                + "a tag, `latest` is "
                + "meant, and a repository need not have it."
        ) { subject in
            let likely = subject.nearest.first.map { tag in
                Mend(
                    .any,
                    "Take a tag that is there: \(subject.nearest.joined(separator: ", ")).",
                    commands: ["docker pull \(subject.host)/\(subject.repository):\(tag)"]
                )
            }
            return [
                likely,
                Mend(
                    .any,
                    "See which tags there are.",
                    commands: ["wharf list \(subject.host)/\(subject.repository) --sort version"]
                ),
            ].compactMap { $0 }
        },
        Fault(
            "platform-missing",
            at: .manifest,
            printed: [
                "no matching manifest for … in the manifest list entries", "no match for platform in manifest",
                "no image found in image index for architecture …",
                "image operating system … cannot be used on this platform",
                "does not match the specified platform", "exec format error",
                "The requested image's platform (…) does not match the detected host platform (…)",
            ],
            "The image is there, but not for this kind of machine."
        ) { subject in
            [
                Mend(
                    .any,
                    "See for which it is.",
                    commands: ["wharf inspect \(subject.image)", "docker buildx imagetools inspect \(subject.image)"]
                ),
                Mend(
                    .docker,
                    "Run the one for another processor by emulation, which is slow.",
                    commands: [
                        "docker run --privileged --rm tonistiigi/binfmt --install all",
                        "docker pull --platform linux/amd64 \(subject.image)",
                    ]
                ),
                Mend(
                    .registry,
                    "Or have it built for both.",
                    commands: [
                        "docker buildx build --platform linux/amd64,\(subject.platform) --push -t \(subject.image) ."
                    ]
                ),
            ]
        },
        Fault(
            "old-manifest",
            at: .manifest,
            printed: [
                "Docker Image Format v1 and Docker Image manifest version 2, schema 1 support …",
                "unsupported manifest media type …", "schema 1 support …removed",
                "media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported",
            ],
            "The manifest is in a form of before 2016, which Docker and containerd no longer take, or in "
                + "one that they never "
                + "knew."
        ) { subject in
            [
                Mend(
                    .podman,
                    "skopeo still converts it.",
                    commands: ["skopeo copy --format oci docker://\(subject.image) docker://\(subject.image)"]
                ),
                Mend(
                    .docker,
                    "Or build and push it anew with a Docker of today.",
                    commands: [
                        "docker build -t \(subject.image) .", "docker push \(subject.image)",
                    ]
                ),
            ]
        },
        Fault(
            "blob-unknown",
            at: .blob,
            printed: ["blob unknown to registry", "unknown blob", "BLOB_UNKNOWN", "blob unknown: …"],
            "The manifest is there, and a layer that it names is not: the registry lost it, or a garbage "
                + "collection ran during "
                + "a push."
        ) { subject in
            [
                Mend(
                    .registry,
                    "Look whether the storage is whole.",
                    commands: ["wharf storage verify --data /var/lib/wharf"]
                ),
                Mend(
                    .any,
                    "Push the image again from where it still is: only what is missing is sent.",
                    commands: [
                        "docker push \(subject.image)"
                    ]
                ),
            ]
        },
        Fault(
            "blob-damaged",
            at: .blob,
            printed: [
                "filesystem layer verification failed for digest …", "failed size validation: …",
                "unexpected commit digest …", "Digest did not match, expected …",
                "failed commit on ref …: unexpected EOF",
                "invalid tar header", "gzip: invalid header", "archive/tar: invalid tar header",
            ],
            "What came is not what the manifest names: cut off or changed on the way, as a rule by a proxy "
                + "or a mirror that "
                + "keeps half a file."
        ) { subject in
            [
                Mend(
                    .any,
                    "Try again; the layers that are whole are kept.",
                    commands: ["docker pull \(subject.image)"]
                ),
                Mend(
                    .registry,
                    "Look whether the storage is whole, and empty what lies before the registry as a cache.",
                    commands: ["wharf storage verify --data /var/lib/wharf"]
                ),
            ] + Mends.noProxy(subject)
        },
        Fault(
            "storage-unreachable",
            at: .blob,
            printed: [
                "failed to copy: httpReadSeeker: failed open: failed to do request: Get …",
                "httpReadSeeker: failed open: unexpected status code …: 403 Forbidden",
                "failed to copy: httpReadSeeker: failed open: …", "error pulling image configuration: …Get …",
                "error pulling image configuration: download failed after attempts=…: …",
            ],
            "The registry sends callers to its storage for the layers (a network of caches for Docker Hub, S3 for "
                + "others), and that host cannot be reached, or refuses: a firewall knows only the registry, or a "
                + "clock is wrong."
        ) { subject in
            [
                Mend(
                    .any,
                    "Have the firewall let this machine to that host, too, over port 443; the blob step names it.",
                    commands: ["wharf doctor \(subject.image)"]
                ),
                Mend(
                    .registry,
                    "Or let the registry pass the bytes through itself (docker-registry).",
                    file: "/etc/docker/registry/config.yml",
                    text: "storage:\n  redirect:\n    disable: true"
                ),
            ] + Mends.proxy(subject) + Mends.mirror(subject)
        },
    ]
}
