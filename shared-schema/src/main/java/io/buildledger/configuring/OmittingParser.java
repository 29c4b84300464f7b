package io.buildledger.configuring;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.SerializableString;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.JsonParserDelegate;

/** Reads a file as if the keys and elements at some places of it were not there. */
final class OmittingParser extends JsonParserDelegate {

    private final Set<String> omitted;

    /**
     * @param omitted JSON pointers
     */
    OmittingParser(JsonParser file, Set<String> omitted) {
        super(file);
        this.omitted = omitted;
    }

    /** The JSON pointer, in the whole file, of what is being read. */
    String pointer() {
        return delegate.streamReadContext().pathAsPointer().toString();
    }

    @Override
    public @Nullable JsonToken nextToken() {
        JsonToken token = delegate.nextToken();
        while (token != null && omitted.contains(pointer())) {
            if (token == JsonToken.PROPERTY_NAME) {
                delegate.nextToken();
            }
            delegate.skipChildren();
            token = delegate.nextToken();
        }
        return token;
    }

    // The delegate's own would pass by the method above.

    @Override
    public @Nullable JsonToken nextValue() {
        JsonToken token = nextToken();
        return token == JsonToken.PROPERTY_NAME ? nextToken() : token;
    }

    @Override
    public @Nullable String nextName() {
        return nextToken() == JsonToken.PROPERTY_NAME ? currentName() : null;
    }

    @Override
    public boolean nextName(SerializableString expected) {
        return expected.getValue().equals(nextName());
    }

    @Override
    public int nextNameMatch(PropertyNameMatcher matcher) {
        String name = nextName();
        if (name != null) {
            return matcher.matchName(name);
        }
        return hasToken(JsonToken.END_OBJECT)
                ? PropertyNameMatcher.MATCH_END_OBJECT
                : PropertyNameMatcher.MATCH_ODD_TOKEN;
    }
}
