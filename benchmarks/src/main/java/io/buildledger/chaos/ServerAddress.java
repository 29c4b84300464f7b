package io.buildledger.chaos;

import io.buildledger.benchmarks.RunFailedException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A server that a JDBC URL names. */
record ServerAddress(String host, int port) {

    private static final Pattern URL =
            Pattern.compile("(?<scheme>jdbc:mysql://)(?<hosts>[^/]+)(?<rest>/.*)");

    private static final int MYSQL = 3306;

    /** In the order of the URL. */
    static List<ServerAddress> of(String url) {
        return Arrays.stream(matched(url).group("hosts").split(",")).map(it -> parse(it)).toList();
    }

    private static ServerAddress parse(String address) {
        int colon = address.lastIndexOf(':');
        return colon < 0
                ? new ServerAddress(address, MYSQL)
                : new ServerAddress(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)));
    }

    /** The URL with other servers. */
    static String withAddresses(String url, List<ServerAddress> addresses) {
        Matcher parts = matched(url);
        return parts.group("scheme")
                + addresses.stream().map(ServerAddress::toString).collect(Collectors.joining(","))
                + parts.group("rest");
    }

    private static Matcher matched(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new RunFailedException(
                    "%s is not jdbc:mysql://HOST[:PORT]/DATABASE".formatted(url));
        }
        return parts;
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
