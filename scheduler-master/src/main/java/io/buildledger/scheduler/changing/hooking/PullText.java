package io.buildledger.scheduler.changing.hooking;

/** What stands as the comments of a pull or merge request's change. */
final class PullText {

    private PullText() {}

    /** The title, and below it what else is said. */
    static String of(Payload title, Payload description) {
        String below = description.textOrNull();
        return title.text() + (below == null ? "" : "\n\n" + below);
    }
}
