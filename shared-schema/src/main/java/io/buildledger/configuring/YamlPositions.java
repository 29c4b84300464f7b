package io.buildledger.configuring;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Where each value of a YAML file begins. */
final class YamlPositions {

    private final Map<String, TokenStreamLocation> at = new HashMap<>();

    YamlPositions(YAMLMapper yaml, String text) {
        try (JsonParser parser = yaml.createParser(text)) {
            while (parser.nextToken() != null) {
                JsonPointer pointer = parser.streamReadContext().pathAsPointer();
                at.putIfAbsent(pointer.toString(), parser.currentTokenLocation());
            }
        }
    }

    /** {@code LINE:COLUMN} of the value at a JSON pointer, or of the nearest that holds it. */
    String of(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            TokenStreamLocation location = this.at.get(at);
            if (location != null) {
                return location.getLineNr() + ":" + location.getColumnNr();
            }
        }
        return "1:1";
    }
}
