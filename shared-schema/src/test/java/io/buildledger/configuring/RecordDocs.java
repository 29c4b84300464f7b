package io.buildledger.configuring;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What the sources say of types and of records' components, in words for who writes the file: keys
 * as they are written there, code in backticks.
 */
final class RecordDocs {

    private final List<Path> sources;
    private final Map<Class<?>, Map<String, String>> read = new HashMap<>();

    /**
     * @param sources directories of sources
     */
    RecordDocs(Path... sources) {
        this.sources = List.of(sources);
    }

    Optional<String> of(Class<?> type) {
        return Optional.ofNullable(texts(type).get(type.getCanonicalName()));
    }

    Optional<String> of(RecordComponent component) {
        Class<?> type = component.getDeclaringRecord();
        return Optional.ofNullable(
                texts(type).get(type.getCanonicalName() + "#" + component.getName()));
    }

    private Map<String, String> texts(Class<?> type) {
        return read.computeIfAbsent(outermost(type), this::parse);
    }

    private static Class<?> outermost(Class<?> type) {
        return type.getEnclosingClass() == null ? type : outermost(type.getEnclosingClass());
    }

    private Map<String, String> parse(Class<?> outermost) {
        Path source =
                sources.stream()
                        .map(it -> it.resolve(outermost.getName().replace('.', '/') + ".java"))
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "%s is in none of %s".formatted(outermost, sources)));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    files.getJavaFileObjects(source));
            Scanner scanner = new Scanner(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(unit, outermost.getPackageName());
            }
            return scanner.texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, String> {
        private final DocTrees trees;
        private final Map<String, String> texts = new HashMap<>();

        Scanner(DocTrees trees) {
            this.trees = trees;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, String enclosing) {
            String name = enclosing + "." + type.getSimpleName();
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                put(name, comment.getFullBody());
                for (DocTree tag : comment.getBlockTags()) {
                    if (tag instanceof ParamTree parameter) {
                        put(name + "#" + parameter.getName(), parameter.getDescription());
                    }
                }
            }
            return super.visitClass(type, name);
        }

        private void put(String what, List<? extends DocTree> text) {
            String words = text.stream().map(Scanner::written).collect(Collectors.joining());
            if (!words.isBlank()) {
                texts.put(what, words.replaceAll("\\s+", " ").strip());
            }
        }

        private static String written(DocTree part) {
            return switch (part) {
                case LiteralTree literal when literal.getKind() == DocTree.Kind.CODE ->
                        "`" + asKey(literal.getBody().getBody().strip()) + "`";
                case LinkTree link ->
                        "`"
                                + asKey(
                                        link.getReference()
                                                .getSignature()
                                                .replaceAll(".*#|\\(.*", ""))
                                + "`";
                default -> part.toString();
            };
        }

        /** A component's name as the key that it is in the file; anything else as it is. */
        private static String asKey(String code) {
            return code.matches("[a-z]+([A-Z][a-z]+)+")
                    ? code.replaceAll("(?=[A-Z])", "_").toLowerCase(Locale.ROOT)
                    : code;
        }
    }
}
