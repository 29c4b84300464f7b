package io.buildledger.secrets;

/** Takes the bytes of one stream. */
@FunctionalInterface
public interface ByteSink {

    /**
     * @param bytes of which the first {@code count} are meant; they are the caller's again when
     *     this returns
     */
    void write(byte[] bytes, int count);
}
