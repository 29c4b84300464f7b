package io.buildledger.builder.processes;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Takes so many bytes, and no more. */
final class BoundedOutput extends FilterOutputStream {

    /** There was more than the bound. */
    static final class FullException extends IOException {

        private final String why;

        FullException(String why) {
            super(why);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    private final String what;
    private final @Nullable Long most;
    private long written;

    /**
     * @param what for the exception
     * @param most in bytes, or null for any number
     */
    BoundedOutput(String what, OutputStream to, @Nullable Long most) {
        super(to);
        this.what = what;
        this.most = most;
    }

    @Override
    public void write(int value) throws IOException {
        count(1);
        out.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        count(length);
        out.write(bytes, offset, length);
    }

    private void count(int more) throws FullException {
        written += more;
        if (most != null && written > most) {
            throw new FullException("%s has more than %d bytes".formatted(what, most));
        }
    }
}
