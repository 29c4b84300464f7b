package io.buildledger.builder.logging;

import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.LineTap;
import io.buildledger.stepping.OutputTap;
import java.nio.charset.StandardCharsets;

/** Gives the lines of what one command prints. */
public final class TappedLines implements OutputTap {

    private final LineTap tap;
    private final LineSplitter stdout = new LineSplitter(new OfSource(Source.STDOUT));
    private final LineSplitter stderr = new LineSplitter(new OfSource(Source.STDERR));
    private boolean ended;

    public TappedLines(LineTap tap) {
        this.tap = tap;
    }

    private final class OfSource implements LineSplitter.Lines {
        private final Source source;
        private boolean isWithinLine;

        OfSource(Source source) {
            this.source = source;
        }

        @Override
        public void add(byte[] line, int length, boolean partial) {
            if (!isWithinLine) {
                tap.line(source, new String(line, 0, length, StandardCharsets.UTF_8));
            }
            isWithinLine = partial;
        }
    }

    @Override
    public synchronized void write(Source source, byte[] bytes, int count) {
        if (ended) {
            // Of a process that has outlived its command.
            return;
        }
        switch (source) {
            case STDOUT -> stdout.write(bytes, count);
            case STDERR -> stderr.write(bytes, count);
            case HEADER -> throw new IllegalArgumentException("no command prints headers");
        }
    }

    /** The command has ended, and so have lines that it has begun. */
    public synchronized void end() {
        stdout.endLine();
        stderr.endLine();
        ended = true;
    }
}
