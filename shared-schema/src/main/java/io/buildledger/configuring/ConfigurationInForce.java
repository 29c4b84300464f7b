package io.buildledger.configuring;

/** The file by which this master goes: as it was read at the start, or at the last reload. */
public final class ConfigurationInForce {

    private volatile ConfigurationFile file;

    public ConfigurationInForce(ConfigurationFile file) {
        this.file = file;
    }

    public ConfigurationFile file() {
        return file;
    }

    /** Whether a builder's requests are collapsed, by the file in force. */
    public CollapseRequests collapseRequestsOf(String builder) {
        return file.configuration().collapseRequestsOf(builder);
    }

    /** Goes by another file from now on. */
    public void use(ConfigurationFile next) {
        file = next;
    }
}
