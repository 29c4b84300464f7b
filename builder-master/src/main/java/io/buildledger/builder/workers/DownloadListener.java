package io.buildledger.builder.workers;

import java.io.IOException;
import java.io.InputStream;

/** Gives the worker a file, piece by piece as it asks. */
final class DownloadListener extends AnswerListener {

    private final InputStream from;

    DownloadListener(InputStream from) {
        this.from = from;
    }

    @Override
    public byte[] read(int length) throws IOException {
        return from.readNBytes(length);
    }

    @Override
    public void closeRead() {
        // Whoever has opened the file closes it.
    }
}
