package io.buildledger.configuring;

import io.buildledger.configuring.Problem.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Where each key and each element of a YAML file begins. */
final class YamlPositions {

    /** A key that its object already has, at its second place. */
    record Repeated(String pointer, Place place) {}

    /** A value that is only referred to, as in {@code env: *common}. */
    record Alias(String pointer, Place place, String anchor) {

        /** Whether it brings keys into the object that holds it, as {@code <<: *common} does. */
        boolean isMerge() {
            return pointer.endsWith("/<<");
        }

        /** The pointer of what it is in. */
        String holder() {
            return pointer.substring(0, pointer.lastIndexOf('/'));
        }
    }

    private final Map<String, Place> at = new HashMap<>();
    private final List<Repeated> repeated = new ArrayList<>();
    private final List<Alias> aliases = new ArrayList<>();
    private @Nullable Place secondDocument;

    YamlPositions(YAMLMapper yaml, String text) {
        try (YAMLParser parser = (YAMLParser) yaml.createParser(text)) {
            while (parser.nextToken() != null) {
                String pointer = parser.streamReadContext().pathAsPointer().toString();
                boolean first = at.putIfAbsent(pointer, place(parser)) == null;
                if (!first && pointer.isEmpty() && !parser.currentToken().isStructEnd()) {
                    secondDocument = place(parser);
                    return;
                }
                if (parser.isCurrentAlias()) {
                    aliases.add(new Alias(pointer, place(parser), parser.getString()));
                }
                if (!first && parser.currentToken() == JsonToken.PROPERTY_NAME) {
                    repeated.add(new Repeated(pointer, place(parser)));
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        }
    }

    private static Place place(JsonParser parser) {
        TokenStreamLocation location = parser.currentTokenLocation();
        return new Place(location.getLineNr(), location.getColumnNr());
    }

    /** Whether the file says nothing. */
    boolean isEmpty() {
        return at.isEmpty();
    }

    /** The keys that are given more than once in one object. */
    List<Repeated> repeated() {
        return repeated;
    }

    /** The values that are given elsewhere. */
    List<Alias> aliases() {
        return aliases;
    }

    /** Where a second YAML document begins in the same file, if one does. */
    @Nullable Place secondDocument() {
        return secondDocument;
    }

    /** The place of what is at a JSON pointer, or of the nearest that holds it. */
    Place of(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            Place place = this.at.get(at);
            if (place != null) {
                return place;
            }
        }
        return Place.START;
    }
}
