package io.buildledger.scheduler.changing.hooking;

import java.util.List;
import java.util.Optional;

/** How one kind of forge tells what happened. */
sealed interface Dialect permits Github, Gitlab, Gitea, BitbucketCloud, BitbucketServer {

    List<String> NAMES = List.of("github", "gitlab", "gitea", "bitbucketcloud", "bitbucketserver");

    static Optional<Dialect> named(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "github" -> new Github();
                    case "gitlab" -> new Gitlab();
                    case "gitea" -> new Gitea();
                    case "bitbucketcloud" -> new BitbucketCloud();
                    case "bitbucketserver" -> new BitbucketServer();
                    default -> null;
                });
    }

    /** How its deliveries show that they are its own; any one of them does. */
    List<Proof> proofs();

    /** The header that names the kind of event. */
    String eventHeader();

    /**
     * Adds the changes that a delivery tells of, or why it tells of none.
     *
     * @throws io.buildledger.scheduler.changing.InvalidChangeException if the payload is not what
     *     this kind of forge sends
     */
    void read(String event, Payload payload, Delivery delivery);
}
