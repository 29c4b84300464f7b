package io.buildledger.configuring;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/** Writes how a worker is started as {@link LatentDeserializer} reads it. */
final class LatentSerializer extends StdSerializer<ConfiguredLatent> {

    LatentSerializer() {
        super(ConfiguredLatent.class);
    }

    @Override
    public void serialize(
            ConfiguredLatent latent, JsonGenerator generator, SerializationContext context) {
        generator.writeStartObject();
        generator.writeName(latent.type());
        context.writeValue(generator, latent.how());
        generator.writeEndObject();
    }
}
