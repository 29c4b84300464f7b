package io.buildledger.builder.uploading;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Gives so many bytes until more are allowed: a reader that keeps all it reads stays small. */
final class Allowance extends FilterInputStream {

    private long left;

    Allowance(InputStream from) {
        super(from);
    }

    void allow(long bytes) {
        left = bytes;
    }

    void allowAll() {
        left = Long.MAX_VALUE;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        use(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int some = super.read(bytes, offset, length);
        use(Math.max(0, some));
        return some;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long some = super.skip(bytes);
        use(some);
        return some;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void use(long bytes) throws IOException {
        left -= bytes;
        if (left < 0) {
            throw new IOException("what it says of an entry is too long");
        }
    }
}
