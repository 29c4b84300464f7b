package io.buildledger.hinting;

/**
 * Where hints were to be taken can't be listened at; the message names the field and the remedy.
 */
public final class NoHintAddressException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoHintAddressException(String message, Throwable cause) {
        super(message, cause);
    }
}
