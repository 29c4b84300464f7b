package io.buildledger.scheduler.serving.buildbot;

import java.util.List;
import java.util.stream.Stream;

/** A field of what is told of a thing. */
record Field(String name, Type type, boolean nullable) {

    enum Type {
        INTEGER("integer"),
        BOOLEAN("boolean"),
        TEXT("string"),
        LIST("array"),
        OBJECT("object");

        private final String inSchema;

        Type(String inSchema) {
            this.inSchema = inSchema;
        }

        /** What JSON Schema calls it. */
        String inSchema() {
            return inSchema;
        }

        /** Fields of this type that always have a value. */
        List<Field> of(String... names) {
            return Stream.of(names).map(name -> new Field(name, this, false)).toList();
        }

        List<Field> orNull(String... names) {
            return Stream.of(names).map(name -> new Field(name, this, true)).toList();
        }

        /** Whether one value is before another. */
        boolean isOrdered() {
            return this != LIST && this != OBJECT;
        }
    }
}
