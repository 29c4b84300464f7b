package io.buildledger.builder.attaching;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Name and password of an HTTP header {@code Authorization: Basic …} (RFC 7617, in UTF-8). */
record BasicAuthorization(String name, String password) {

    private static final String SCHEME = "Basic ";
    private static final int NAME_LENGTH = 255;

    @Override
    public String toString() {
        return name;
    }

    /**
     * @throws MalformedMessageException if it is anything else, or the name is empty or unprintable
     */
    static BasicAuthorization parse(String header) throws MalformedMessageException {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new MalformedMessageException("Authorization must be Basic");
        }
        String pair = decode(header.substring(SCHEME.length()).trim());
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw new MalformedMessageException("Authorization must be a name, ':' and a password");
        }
        String name = pair.substring(0, colon);
        if (name.isEmpty()
                || name.length() > NAME_LENGTH
                || name.codePoints().anyMatch(Character::isISOControl)) {
            throw new MalformedMessageException(
                    "a worker's name must have 1 to %d printable characters"
                            .formatted(NAME_LENGTH));
        }
        return new BasicAuthorization(name, pair.substring(colon + 1));
    }

    private static String decode(String base64) throws MalformedMessageException {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new MalformedMessageException("Authorization must be UTF-8 in base64");
        }
    }
}
