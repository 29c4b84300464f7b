package io.buildledger.scheduler.commandline;

/** A build as people write it, such as {@code linux/12}; the builder's name may have slashes. */
record BuildName(String builder, String number) {

    /**
     * @param command that it was given to, and that is used wrongly if it is no build
     */
    static BuildName read(ClientCommand command, String text) {
        int slash = text.lastIndexOf('/');
        String number = text.substring(slash + 1);
        if (slash < 1 || !number.matches("\\d{1,18}")) {
            throw command.misuse(
                    "'%s' is not a build: BUILDER/NUMBER, such as linux/12".formatted(text));
        }
        return new BuildName(text.substring(0, slash), number);
    }

    /** Where a master answers for it. */
    String path() {
        return "/api/builds/%s/%s".formatted(Master.segment(builder), number);
    }

    @Override
    public String toString() {
        return builder + "/" + number;
    }
}
