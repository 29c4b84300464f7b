package io.buildledger.log;

/**
 * There is an event that this program does not understand, where it would have to understand it. It
 * stays so until the program is upgraded; a master of a newer program can do the same at once.
 */
public final class NewerProgramException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    NewerProgramException(NewerEvent event) {
        super(event.told());
    }
}
