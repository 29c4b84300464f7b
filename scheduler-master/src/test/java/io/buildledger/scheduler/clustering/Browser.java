package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium as Debian has it, with a profile of its own. */
final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int HEIGHT = 1000;
    private static final String AXE = axe();
    private static final String RUN_AXE =
            """
            const done = arguments[arguments.length - 1];
            axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(
              it => done(it.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; "))),
              e => done([String(e)]));
            """;

    private final ChromeDriver driver;
    private final String root;

    /**
     * @param root the address of a master's first page
     */
    Browser(String root) {
        assertThat(CHROMIUM).as("Debian's package chromium").exists();
        assertThat(DRIVER).as("Debian's package chromium-driver").exists();
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toString());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--window-size=1280," + HEIGHT);
        options.setCapability("goog:loggingPrefs", logs);
        this.driver =
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(DRIVER.toFile())
                                .usingAnyFreePort()
                                .withSilent(true)
                                .build(),
                        options);
        this.root = root;
    }

    void open(String path) {
        driver.get(root + path);
    }

    /** The path of the page that is shown. */
    String path() {
        return driver.getCurrentUrl().substring(root.length());
    }

    /** Goes to a page again and again until it is there. */
    void openWhenThere(String path) {
        await(path + " to be there")
                .atMost(PATIENCE)
                .until(() -> {
                    open(path);
                    return !text().contains("There is no");
                });
    }

    /**
     * @param part where the form is, as a selector of CSS
     */
    void enter(String part, String field, String text) {
        at(
                By.cssSelector(part + " [name='" + field + "']"),
                element -> {
                    element.clear();
                    element.sendKeys(text);
                });
    }

    /** Presses a button, and waits for the page that it leads to, or for the same one anew. */
    void press(String button) {
        leave(By.xpath("//button[normalize-space()='" + button + "']"), WebElement::click);
    }

    /** Follows a link to another page, and waits until that is there. */
    void follow(String link) {
        leave(By.linkText(link), WebElement::click);
    }

    /** The zone in which its reader is, by its name in the tz database. */
    void live(String zone) {
        driver.executeCdpCommand("Emulation.setTimezoneOverride", Map.of("timezoneId", zone));
    }

    /**
     * Asks for a moment.
     *
     * @param moment by the reader's clock, as ISO 8601 has it without a zone
     */
    void askFor(String field, String moment) {
        leave(
                By.cssSelector("input[type='datetime-local'][name='" + field + "']"),
                element -> {
                    driver.executeScript("arguments[0].value = arguments[1]", element, moment);
                    element.sendKeys(Keys.ENTER);
                });
    }

    /** Moves a slider to where its value is this, as the arrow keys would. */
    void slide(String field, long value) {
        at(
                By.cssSelector("input[type='range'][name='" + field + "']"),
                element ->
                        driver.executeScript(
                                """
                                arguments[0].value = arguments[1];
                                arguments[0].dispatchEvent(new Event("input", { bubbles: true }));
                                """,
                                element,
                                value));
    }

    /** Unfolds what is behind a word. */
    void unfold(String summary) {
        at(By.xpath("//summary[normalize-space()='" + summary + "']"), WebElement::click);
    }

    /** Looks for something by what is on top of each page. */
    void search(String text) {
        leave(By.cssSelector(".search input"), element -> element.sendKeys(text, Keys.ENTER));
    }

    /**
     * Does what leads away from the page, and waits until the next one is there: the driver itself
     * only waits for a page that has begun to come.
     */
    private void leave(By what, Consumer<WebElement> act) {
        driver.executeScript("window.isToBeLeft = true");
        at(what, act);
        await(what + " to lead to a page")
                .atMost(PATIENCE)
                .ignoreException(JavascriptException.class)
                .until(() ->
                        Boolean.TRUE.equals(
                                driver.executeScript(
                                        "return !window.isToBeLeft && document.readyState === 'complete'")));
    }

    /** Waits until something is there, and acts on it: parts of a page may be made anew. */
    private void at(By what, Consumer<WebElement> act) {
        await(what + " to be there")
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .ignoreException(NoSuchElementException.class)
                .until(() -> {
                    act.accept(driver.findElement(what));
                    return true;
                });
    }

    /** Waits until there is something. */
    void awaitElement(String selector) {
        at(By.cssSelector(selector), _ -> {});
    }

    /** What people see. */
    String text() {
        return driver.findElement(By.tagName("main")).getText();
    }

    /** Has another page of this browser keep all the connections that its pages may keep. */
    void keepAllConnections() {
        String page = driver.getWindowHandle();
        driver.switchTo().newWindow(WindowType.WINDOW);
        open("/login");
        driver.executeScript(
                "for (let i = 1; i <= 4; i++) { navigator.locks.request('live-' + i, () => new Promise(() => {})); }");
        driver.switchTo().window(page);
    }

    /** Whether the page has ever asked to be told. */
    boolean hasListened() {
        return Boolean.TRUE.equals(
                driver.executeScript(
                        "return performance.getEntriesByType('resource').some(it => it.name.includes('/live?'))"));
    }

    /** What people see on top of each page. */
    String header() {
        return driver.findElement(By.cssSelector("body > header")).getText();
    }

    /** Waits until the page shows something, by itself: it must not be loaded anew meanwhile. */
    void awaitText(String expected) {
        driver.executeScript("window.isStillTheSame = true");
        await("the page to show: " + expected)
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .until(() -> text().contains(expected));
        assertThat(driver.executeScript("return window.isStillTheSame === true")).isEqualTo(true);
    }

    /** How the pages to come are looked at. */
    enum Look {
        LIGHT("light", 1280),
        DARK("dark", 1280),
        PHONE("light", 390);

        private final String scheme;
        private final int width;

        Look(String scheme, int width) {
            this.scheme = scheme;
            this.width = width;
        }
    }

    void look(Look look) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", look.scheme))));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of(
                        "width",
                        look.width,
                        "height",
                        HEIGHT,
                        "deviceScaleFactor",
                        1,
                        "mobile",
                        false));
    }

    /**
     * What keeps people from the page: breaches of WCAG 2.2 AA that axe finds, and a page that is
     * wider than the window.
     */
    List<String> barriers() {
        driver.executeScript(AXE);
        List<String> found =
                new ArrayList<>(
                        ((List<?>) Objects.requireNonNull(driver.executeAsyncScript(RUN_AXE)))
                                .stream().map(String::valueOf).toList());
        if (Boolean.TRUE.equals(
                driver.executeScript(
                        "return document.documentElement.scrollWidth > window.innerWidth"))) {
            found.add("the page is wider than the window");
        }
        return found;
    }

    /** The whole page, as a PNG in a file whose directory is made if it is not there. */
    void photograph(Path file) throws IOException {
        Map<?, ?> size =
                (Map<?, ?>)
                        Objects.requireNonNull(
                                driver.executeCdpCommand("Page.getLayoutMetrics", Map.of())
                                        .get("cssContentSize"));
        Map<String, Object> clip = new HashMap<>(Map.of("x", 0, "y", 0, "scale", 1));
        clip.put("width", Objects.requireNonNull(size.get("width")));
        clip.put("height", Objects.requireNonNull(size.get("height")));
        Object picture =
                driver.executeCdpCommand(
                                "Page.captureScreenshot",
                                Map.of("captureBeyondViewport", true, "clip", clip))
                        .get("data");
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(String.valueOf(picture)));
    }

    private static String axe() {
        try (InputStream script =
                Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the browser complained of since the last look: errors, and breaches of the policy. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(it -> it.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
