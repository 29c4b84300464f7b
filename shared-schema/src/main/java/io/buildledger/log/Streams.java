package io.buildledger.log;

/** The names of streams. */
public final class Streams {

    private Streams() {}

    public static String change(long changeId) {
        return "change/" + changeId;
    }

    public static String gitPoller(String repository) {
        return "git-poller/" + repository;
    }

    public static String scheduler(String name) {
        return "scheduler/" + name;
    }

    public static String schedulerCommand(String scheduler) {
        return "scheduler-command/" + scheduler;
    }

    /** What the streams of a scheduler's timers begin with. */
    public static String timersOf(String scheduler) {
        return "timer/" + scheduler + "/";
    }

    public static String timer(String scheduler, long timer) {
        return timersOf(scheduler) + timer;
    }

    public static String buildset(long buildsetId) {
        return "buildset/" + buildsetId;
    }

    public static String buildRequest(long requestId) {
        return "build-request/" + requestId;
    }

    /** What the streams of builds begin with. */
    public static String builds() {
        return "build/";
    }

    public static String build(String builder, long buildNumber) {
        return builds() + builder + "/" + buildNumber;
    }

    public static String worker(String name) {
        return "worker/" + name;
    }

    /**
     * @param name of a lock, with its worker where each has one of its own
     */
    public static String lock(String name) {
        return "lock/" + name;
    }

    public static String master(String name) {
        return "master/" + name;
    }
}
