package io.buildledger.scheduler.serving;

import io.buildledger.showing.Printable;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.spring6.view.ThymeleafView;

/**
 * A page, or a part of one. Whatever texts it shows, it has no control character besides the ends
 * of lines and tabs, and none that turns the direction of what follows: HTML has no use for them,
 * and who reads a page in a terminal would have it obey them.
 */
class PageView extends ThymeleafView {

    private static final char REPLACEMENT = '\uFFFD';

    @Override
    public void render(
            @Nullable Map<String, ?> model,
            HttpServletRequest request,
            HttpServletResponse response)
            throws Exception {
        super.render(model, request, new Replacing(response));
    }

    private static final class Replacing extends HttpServletResponseWrapper {

        private @Nullable PrintWriter writer;

        private Replacing(HttpServletResponse response) {
            super(response);
        }

        @Override
        public PrintWriter getWriter() throws IOException {
            PrintWriter known = writer;
            if (known == null) {
                known = new PrintWriter(new Replacements(super.getWriter()));
                writer = known;
            }
            return known;
        }
    }

    private static final class Replacements extends FilterWriter {

        private Replacements(Writer out) {
            super(out);
        }

        @Override
        public void write(int character) throws IOException {
            super.write(replaced((char) character));
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            char[] replaced = new char[length];
            for (int i = 0; i < length; i++) {
                replaced[i] = replaced(text[from + i]);
            }
            super.write(replaced, 0, length);
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            write(text.toCharArray(), from, length);
        }

        private static char replaced(char character) {
            return Printable.isReplaced(character)
                            && character != '\n'
                            && character != '\r'
                            && character != '\t'
                    ? REPLACEMENT
                    : character;
        }
    }
}
