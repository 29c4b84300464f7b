package io.buildledger.configuring;

import io.buildledger.substantiating.LatentWorker;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Reads how a worker is started: the keys of its type below the type's name. */
final class LatentDeserializer extends StdDeserializer<ConfiguredLatent> {

    LatentDeserializer() {
        super(ConfiguredLatent.class);
    }

    @Override
    public ConfiguredLatent deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() != JsonToken.START_OBJECT
                || parser.nextToken() != JsonToken.PROPERTY_NAME) {
            throw notOne(parser);
        }
        String name = parser.currentName();
        Class<? extends LatentWorker> type = LatentTypes.all().get(name);
        if (type == null) {
            throw InvalidTypeIdException.from(
                    parser,
                    "no type of latent worker",
                    context.constructType(ConfiguredLatent.class),
                    name);
        }
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw MismatchedInputException.from(parser, type, "no keys");
        }
        LatentWorker worker = context.readValue(parser, type);
        if (parser.nextToken() != JsonToken.END_OBJECT) {
            throw notOne(parser);
        }
        return new ConfiguredLatent(worker);
    }

    private static MismatchedInputException notOne(JsonParser parser) {
        return MismatchedInputException.from(parser, ConfiguredLatent.class, "not one type");
    }
}
