package io.buildledger.scheduler.admitting;

import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Somebody with a browser: it keeps cookies, goes where it is led, and says where it comes from.
 */
final class Surfer implements AutoCloseable {

    private static final int MOST_STEPS = 10;

    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();

    /** By which addresses it was led to the last page, which is the last of them. */
    List<URI> way = List.of();

    /** Goes to a page, as if its address had been typed. */
    HttpResponse<String> go(String address) throws Exception {
        return follow(look(address));
    }

    /** Goes to a page, and no further. */
    HttpResponse<String> look(String address) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(address))
                        .header("Accept", "text/html")
                        .header("Sec-Fetch-Site", "none")
                        .build(),
                BodyHandlers.ofString());
    }

    /** Sends a form that is on a page of the same site, and goes where that leads. */
    HttpResponse<String> send(String address, Map<String, String> fields) throws Exception {
        return follow(sendOnly(address, fields));
    }

    /** Sends a form that is on a page of the same site. */
    HttpResponse<String> sendOnly(String address, Map<String, String> fields) throws Exception {
        URI to = URI.create(address);
        return http.send(
                HttpRequest.newBuilder(to)
                        .header("Accept", "text/html")
                        .header("Sec-Fetch-Site", "same-origin")
                        .header("Origin", to.resolve("/").toString().replaceFirst("/$", ""))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(
                                BodyPublishers.ofString(
                                        fields.entrySet().stream()
                                                .map(it ->
                                                        encoded(it.getKey())
                                                                + "="
                                                                + encoded(it.getValue()))
                                                .collect(Collectors.joining("&"))))
                        .build(),
                BodyHandlers.ofString());
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpResponse<String> follow(HttpResponse<String> first) throws Exception {
        List<URI> gone = new ArrayList<>();
        HttpResponse<String> response = first;
        gone.add(response.uri());
        while (response.statusCode() / 100 == 3) {
            if (gone.size() == MOST_STEPS) {
                throw new IllegalStateException("led around: " + gone);
            }
            URI next =
                    response.uri().resolve(response.headers().firstValue("Location").orElseThrow());
            response = look(next.toString());
            gone.add(next);
        }
        way = gone;
        return response;
    }

    /** Has a cookie that it was never given. */
    void keep(String site, String name, String value) {
        HttpCookie cookie = new HttpCookie(name, value);
        cookie.setPath("/");
        cookie.setVersion(0);
        cookies.getCookieStore().add(URI.create(site), cookie);
    }

    /** The cookie of this name, of whichever site. */
    String cookie(String name) {
        return cookies.getCookieStore().getCookies().stream()
                .filter(it -> it.getName().equals(name))
                .map(HttpCookie::getValue)
                .findFirst()
                .orElse("none");
    }

    @Override
    public void close() {
        http.close();
    }
}
