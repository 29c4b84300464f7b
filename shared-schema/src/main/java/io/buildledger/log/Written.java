package io.buildledger.log;

/** What an event is called on disk: its name, and the revision of its JSON. */
record Written(String name, String revision) {

    @Override
    public String toString() {
        return name + " of revision " + revision;
    }
}
