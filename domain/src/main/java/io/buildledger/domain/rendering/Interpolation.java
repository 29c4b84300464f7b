package io.buildledger.domain.rendering;

import io.buildledger.domain.rendering.Part.Literal;
import io.buildledger.domain.rendering.Part.Lookup;
import java.util.List;
import java.util.Optional;

/**
 * A text in which {@code %(SELECTOR:…)s} stands for what is known when a build runs. The forms are
 * those of Buildbot's {@code Interpolate}:
 *
 * <table>
 * <caption>Forms; each goes with each selector</caption>
 * <tr><td>{@code %(prop:NAME)s}</td><td>the value; empty if there is none</td></tr>
 * <tr><td>{@code %(prop:NAME:-TEXT)s}</td><td>the value, else TEXT</td></tr>
 * <tr><td>{@code %(prop:NAME:~TEXT)s}</td><td>the value if it is true, else TEXT</td></tr>
 * <tr><td>{@code %(prop:NAME:+TEXT)s}</td><td>TEXT if there is a value, else empty</td></tr>
 * <tr><td>{@code %(prop:NAME:?|TEXT|OTHER)s}</td><td>TEXT if there is a value, else OTHER</td></tr>
 * <tr><td>{@code %(prop:NAME:#?|TEXT|OTHER)s}</td><td>TEXT if the value is true, else OTHER</td></tr>
 * </table>
 *
 * <p>Not true are the empty text, 0, false, and empty lists and maps. Instead of the bar any
 * character may stand that is no bracket; the first between the two texts separates them, but not
 * one between brackets. TEXT and OTHER may themselves have interpolations, up to fifty within each
 * other. Brackets in them come in pairs.
 *
 * <p>Every other text stays as it is, as {@code date +%s}, {@code %(refname:short)} or {@code %%}
 * do: all texts of a step are interpolated here, not only those that say so. Directly before {@code
 * (SELECTOR:} two percent signs are one that begins nothing: {@code %%(prop:x)s} becomes {@code
 * %(prop:x)s}. That goes for this one; interpolations within it are rendered.
 *
 * <p>Values are put in as they are. What looks like an interpolation in a property is none, so who
 * writes a change or fills in a form can't ask for a secret.
 */
public final class Interpolation {

    private final String text;
    private final List<Part> parts;
    private final List<Reference> references;

    private Interpolation(String text, List<Part> parts, List<Reference> references) {
        this.text = text;
        this.parts = parts;
        this.references = references;
    }

    /**
     * What a text asks for.
     *
     * @param codebase of {@link Selector#SRC}, where it may be empty; empty for the others
     * @param key the name of a property, a keyword, a secret, an attribute of the source stamp, or
     *     an item that the worker tells
     * @param optional whether the text says what becomes of it if there is no value
     */
    public record Reference(Selector selector, String codebase, String key, boolean optional) {}

    /**
     * In time proportional to the text's length.
     *
     * @throws MalformedInterpolation if {@code %(SELECTOR:} does not begin one of the forms, or a
     *     source stamp has no such attribute; says of the first where and why
     */
    public static Interpolation parse(String text) {
        InterpolationParser parser = new InterpolationParser(text);
        List<Part> parts = parser.parts();
        return new Interpolation(text, parts, parser.references());
    }

    /** Whether a text may have something to interpolate; one of which this says no has not. */
    public static boolean mayBeIn(String text) {
        return text.contains("%(");
    }

    /** All that rendering may ask for, in the order of the text, each once; also in defaults. */
    public List<Reference> references() {
        return references;
    }

    /**
     * The text with all values put in, as {@link PropertyText} writes them. What has no value and
     * no default is empty, as in Buildbot.
     *
     * @throws MissingSecret if it needs a secret that there is not, and gives no default
     */
    public String render(Scope scope) {
        return render(parts, scope);
    }

    /**
     * For places that take more than a text. If the text is one interpolation and nothing else, the
     * value itself, such as a list; empty if there is none and the text gives no default. Any other
     * text as {@link #render} gives it.
     *
     * @throws MissingSecret as {@link #render} does
     */
    public Optional<Object> value(Scope scope) {
        return value(parts, scope);
    }

    private static String render(List<Part> parts, Scope scope) {
        StringBuilder rendered = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Literal literal -> rendered.append(literal.text());
                case Lookup lookup ->
                        value(lookup, scope).map(PropertyText::of).ifPresent(rendered::append);
            }
        }
        return rendered.toString();
    }

    private static Optional<Object> value(List<Part> parts, Scope scope) {
        return parts.size() == 1 && parts.getFirst() instanceof Lookup lookup
                ? value(lookup, scope)
                : Optional.of(render(parts, scope));
    }

    private static Optional<Object> value(Lookup lookup, Scope scope) {
        Optional<Object> found = find(lookup, scope);
        if (found.isPresent() && (!lookup.byTruth() || PropertyText.isTrue(found.get()))) {
            return lookup.then() == null ? found : value(lookup.then(), scope);
        }
        if (lookup.otherwise() != null) {
            return value(lookup.otherwise(), scope);
        }
        if (lookup.selector() == Selector.SECRET) {
            throw new MissingSecret(lookup.key());
        }
        return Optional.empty();
    }

    private static Optional<Object> find(Lookup lookup, Scope scope) {
        String key = lookup.key();
        return switch (lookup.selector()) {
            case PROP -> scope.property(key);
            case SRC ->
                    scope.sourceStamp(lookup.codebase())
                            .flatMap(stamp ->
                                    SourceStampAttribute.named(key).flatMap(it -> it.of(stamp)));
            case KW -> scope.keyword(key);
            case SECRET -> scope.secret(key).map(it -> it);
            case WORKER -> scope.worker(key);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Interpolation it && it.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The text as it was given. */
    @Override
    public String toString() {
        return text;
    }
}
