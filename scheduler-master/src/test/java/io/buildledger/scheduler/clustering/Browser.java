package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
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
                "--disable-background-networking",
                "--window-size=1280,1000");
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

    void press(String button) {
        at(By.xpath("//button[normalize-space()='" + button + "']"), WebElement::click);
    }

    void follow(String link) {
        at(By.linkText(link), WebElement::click);
    }

    /** Unfolds what is behind a word. */
    void unfold(String summary) {
        at(By.xpath("//summary[normalize-space()='" + summary + "']"), WebElement::click);
    }

    /** Looks for something by what is on top of each page. */
    void search(String text) {
        at(By.cssSelector(".search input"), element -> element.sendKeys(text, Keys.ENTER));
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

    /** Waits until the page shows something, by itself: it must not be loaded anew meanwhile. */
    void awaitText(String expected) {
        driver.executeScript("window.isStillTheSame = true");
        await("the page to show: " + expected)
                .atMost(PATIENCE)
                .ignoreException(StaleElementReferenceException.class)
                .until(() -> text().contains(expected));
        assertThat(driver.executeScript("return window.isStillTheSame === true")).isEqualTo(true);
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
