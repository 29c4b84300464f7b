package io.buildledger.scheduler.supposing;

import org.jspecify.annotations.Nullable;

/** There is no answer to a question as it is put. */
public abstract sealed class UnanswerableException extends RuntimeException
        permits BadQuestionException,
                TooMuchException,
                UnknownWorkersException,
                WhatIf.NothingRecordedException {

    private static final long serialVersionUID = 1;

    private final @Nullable String field;

    /**
     * @param field which one it is because of, if it is because of one
     * @param message for people, without the field
     */
    UnanswerableException(@Nullable String field, String message) {
        super(message);
        this.field = field;
    }

    /** Whether another value of one field may have an answer. */
    public boolean isOfField() {
        return field != null;
    }

    /**
     * Why, for people.
     *
     * @param prefix of the names of fields, as who asks knows them
     */
    public String told(String prefix) {
        return field == null ? String.valueOf(getMessage()) : prefix + field + ": " + getMessage();
    }
}
