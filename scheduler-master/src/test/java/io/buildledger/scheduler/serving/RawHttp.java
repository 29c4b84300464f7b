package io.buildledger.scheduler.serving;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Sends what a library for HTTP would refuse to send. */
record RawHttp(String url) {

    private static final int PATIENCE_MILLIS = 20_000;

    /**
     * @param headers by their names in small letters; the last of each
     */
    record Answer(int status, Map<String, String> headers, String body) {}

    /** Says that it is for another host than the one that it goes to. */
    Answer sendTo(String host, String method, String target) throws IOException {
        return send(host, method, target, Map.of(), "");
    }

    /**
     * @param target what stands between the method and the version, as it is
     */
    Answer send(String method, String target, Map<String, String> headers, String body)
            throws IOException {
        return send(URI.create(url).getAuthority(), method, target, headers, body);
    }

    private Answer send(
            String host, String method, String target, Map<String, String> headers, String body)
            throws IOException {
        URI uri = URI.create(url);
        byte[] content = body.getBytes(UTF_8);
        // Of version 1.0, so that the answer comes whole and ends with the connection.
        StringBuilder head =
                new StringBuilder("%s %s HTTP/1.0\r\nHost: %s\r\n".formatted(method, target, host));
        headers.forEach((name, value) -> head.append("%s: %s\r\n".formatted(name, value)));
        if (content.length > 0) {
            head.append("Content-Length: %d\r\n".formatted(content.length));
        }
        try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes(head.append("\r\n").toString().getBytes(UTF_8));
            request.writeBytes(content);
            socket.getOutputStream().write(request.toByteArray());
            return read(new String(socket.getInputStream().readAllBytes(), UTF_8));
        }
    }

    private static Answer read(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        String[] lines = answer.substring(0, end).split("\r\n", -1);
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].split(": ?", 2);
            headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
        }
        return new Answer(
                Integer.parseInt(lines[0].split(" ", 3)[1]), headers, answer.substring(end + 4));
    }
}
