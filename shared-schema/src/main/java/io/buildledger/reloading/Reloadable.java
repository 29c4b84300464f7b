package io.buildledger.reloading;

import io.buildledger.configuring.ConfigurationFile;

/** A part of a master that goes by its configuration, and can go by another one. */
public interface Reloadable {

    /**
     * Makes everything ready that may fail; changes nothing.
     *
     * @return what puts it in force. It does not fail: what it needs of the database, if anything,
     *     it tries again until it has it.
     * @throws io.buildledger.configuring.InvalidConfigurationException with all that keeps this
     *     part from going by it
     */
    Runnable prepare(ConfigurationFile next);

    /**
     * Does what records the reload and puts it in force, with nothing that this part does in
     * between: it must not read of a new configuration before it goes by it.
     */
    default void hold(Runnable reload) {
        reload.run();
    }
}
