package io.buildledger.scheduler.admitting;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.web.util.WebUtils;

/**
 * Keeps a login that is begun at a provider in a cookie of the browser that has begun it: anybody
 * may begin as many as they like, and a master that had to remember them would forget those of
 * others, or have no room left. Who has the cookie can neither read nor change it, nor can anybody
 * make one; its key ends with the master. A browser has one login begun at a time.
 */
final class BegunLogins implements AuthorizationRequestRepository<OAuth2AuthorizationRequest> {

    /** How long somebody may take at the provider. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final int KEY_BYTES = 32;
    private static final JWEHeader HEADER =
            new JWEHeader(JWEAlgorithm.DIR, EncryptionMethod.A256GCM);

    private static final String UNTIL = "until";
    private static final String NEXT = "next";
    private static final String ADDRESS = "address";
    private static final String SCOPES = "scopes";
    private static final String ATTRIBUTES = "attributes";

    private static final Logger LOG = LoggerFactory.getLogger(BegunLogins.class);

    private final SecretKey key;
    private final InstantSource clock;

    BegunLogins(InstantSource clock) {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, "AES");
        this.clock = clock;
    }

    @Override
    public @Nullable OAuth2AuthorizationRequest loadAuthorizationRequest(
            HttpServletRequest request) {
        JWTClaimsSet begun = begun(request);
        return begun == null ? null : login(begun);
    }

    @Override
    public void saveAuthorizationRequest(
            @Nullable OAuth2AuthorizationRequest login,
            HttpServletRequest request,
            HttpServletResponse response) {
        if (login == null) {
            forget(request, response);
            return;
        }
        JWTClaimsSet begun =
                new JWTClaimsSet.Builder()
                        .claim(UNTIL, clock.instant().plus(PATIENCE).getEpochSecond())
                        .claim(NEXT, LoginEnd.path(request.getParameter(NEXT)))
                        .claim(ADDRESS, login.getAuthorizationUri())
                        .claim(OAuth2ParameterNames.CLIENT_ID, login.getClientId())
                        .claim(OAuth2ParameterNames.REDIRECT_URI, login.getRedirectUri())
                        .claim(SCOPES, List.copyOf(login.getScopes()))
                        .claim(OAuth2ParameterNames.STATE, login.getState())
                        .claim(ATTRIBUTES, login.getAttributes())
                        .build();
        set(response, cookie(request, encrypted(begun)).maxAge(PATIENCE).build());
    }

    @Override
    public @Nullable OAuth2AuthorizationRequest removeAuthorizationRequest(
            HttpServletRequest request, HttpServletResponse response) {
        JWTClaimsSet begun = begun(request);
        if (begun == null) {
            return null;
        }
        forget(request, response);
        LoginEnd.leadTo(request, (String) begun.getClaim(NEXT));
        return login(begun);
    }

    /** The one that this browser has begun, if it is the one that the provider answers. */
    private @Nullable JWTClaimsSet begun(HttpServletRequest request) {
        Cookie cookie = WebUtils.getCookie(request, name(request));
        String state = request.getParameter(OAuth2ParameterNames.STATE);
        if (cookie == null
                || state == null
                // Nobody but this master says how it is to be decrypted.
                || !cookie.getValue().startsWith(HEADER.toBase64URL() + ".")) {
            return null;
        }
        try {
            EncryptedJWT encrypted = EncryptedJWT.parse(cookie.getValue());
            encrypted.decrypt(new DirectDecrypter(key));
            JWTClaimsSet begun = Objects.requireNonNull(encrypted.getJWTClaimsSet());
            Instant until = Instant.ofEpochSecond(begun.getLongClaim(UNTIL));
            return state.equals(begun.getClaim(OAuth2ParameterNames.STATE))
                            && clock.instant().isBefore(until)
                    ? begun
                    : null;
        } catch (ParseException | JOSEException e) {
            // Anybody can send any; and those of a master that has ended are nobody's.
            LOG.debug("a cookie of a login is none of this master", e);
            return null;
        }
    }

    private static OAuth2AuthorizationRequest login(JWTClaimsSet begun) {
        try {
            return OAuth2AuthorizationRequest.authorizationCode()
                    .authorizationUri(begun.getStringClaim(ADDRESS))
                    .clientId(begun.getStringClaim(OAuth2ParameterNames.CLIENT_ID))
                    .redirectUri(begun.getStringClaim(OAuth2ParameterNames.REDIRECT_URI))
                    .scopes(Set.copyOf(begun.getStringListClaim(SCOPES)))
                    .state(begun.getStringClaim(OAuth2ParameterNames.STATE))
                    .attributes(begun.getJSONObjectClaim(ATTRIBUTES))
                    .build();
        } catch (ParseException e) {
            throw new IllegalStateException("this master has encrypted something else", e);
        }
    }

    private String encrypted(JWTClaimsSet begun) {
        try {
            EncryptedJWT encrypted = new EncryptedJWT(HEADER, begun);
            encrypted.encrypt(new DirectEncrypter(key));
            return encrypted.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("AES does not work here", e);
        }
    }

    private static void forget(HttpServletRequest request, HttpServletResponse response) {
        set(response, cookie(request, "").maxAge(Duration.ZERO).build());
    }

    private static void set(HttpServletResponse response, ResponseCookie cookie) {
        response.addHeader(HttpHeaders.SET_COOKIE, cookie.toString());
    }

    /** The provider's answer comes from another site, so it can't be a stricter one. */
    private static ResponseCookie.ResponseCookieBuilder cookie(
            HttpServletRequest request, String value) {
        return ResponseCookie.from(name(request), value)
                // All of the site, as its name may say.
                .path("/")
                .httpOnly(true)
                .secure(session(request).isSecure())
                .sameSite("Lax");
    }

    /** Beside the session's, and as safe from other hosts and from masters on other ports. */
    private static String name(HttpServletRequest request) {
        return session(request).getName() + "-login";
    }

    private static SessionCookieConfig session(HttpServletRequest request) {
        return request.getServletContext().getSessionCookieConfig();
    }
}
