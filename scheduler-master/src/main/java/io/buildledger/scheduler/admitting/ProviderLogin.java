package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Oidc;
import io.buildledger.configuring.AccessName;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.userinfo.DefaultOAuth2UserService;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.oidc.StandardClaimNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The provider of OpenID Connect that the configuration in force names. It is looked up when
 * somebody first logs in there, so that a master starts without it.
 */
@Component
public final class ProviderLogin
        implements ClientRegistrationRepository,
                JwtDecoderFactory<ClientRegistration>,
                OAuth2UserService<OidcUserRequest, OidcUser> {

    /** Its name in the addresses of Spring Security. */
    static final String ID = "oidc";

    /** The error of a login that is refused for what the provider tells of somebody. */
    static final String USER_REFUSED = "user_refused";

    /** The error of a login while the provider can't be asked. */
    static final String AWAY = "provider_away";

    /** A thread that waits for the provider answers nobody else. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PATIENCE_WITH_OTHERS = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(ProviderLogin.class);

    /**
     * What was found, and for what configuration.
     *
     * @param decoders keep the keys, of this provider and of no other
     */
    private record Found(
            Oidc configured,
            String secret,
            String url,
            ClientRegistration registration,
            OidcIdTokenDecoderFactory decoders) {

        private boolean isFor(Oidc oidc, String shownSecret, String pages) {
            return configured.equals(oidc) && secret.equals(shownSecret) && url.equals(pages);
        }
    }

    private final Admission admission;
    private final ClientHttpRequestFactory requests;
    private final OidcUserService users = new OidcUserService();
    private final ReentrantLock looking = new ReentrantLock();
    private volatile @Nullable Found found;

    ProviderLogin(Admission admission) {
        this.admission = admission;
        JdkClientHttpRequestFactory impatient =
                new JdkClientHttpRequestFactory(
                        HttpClient.newBuilder().connectTimeout(PATIENCE).build());
        impatient.setReadTimeout(PATIENCE);
        requests = impatient;
        RestTemplate asked = new RestTemplate(requests);
        asked.setErrorHandler(new OAuth2ErrorResponseErrorHandler());
        DefaultOAuth2UserService asking = new DefaultOAuth2UserService();
        asking.setRestOperations(asked);
        users.setOauth2UserService(asking);
        // Also where no scope promises that there is more to hear.
        users.setRetrieveUserInfo(it ->
                it.getClientRegistration().getProviderDetails().getUserInfoEndpoint().getUri()
                        != null);
    }

    /** What gets a person's tokens from the provider. */
    RestClientAuthorizationCodeTokenResponseClient tokens() {
        RestClientAuthorizationCodeTokenResponseClient tokens =
                new RestClientAuthorizationCodeTokenResponseClient();
        tokens.setRestClient(
                RestClient.builder()
                        .requestFactory(requests)
                        .configureMessageConverters(converters ->
                                converters
                                        .addCustomConverter(new FormHttpMessageConverter())
                                        .addCustomConverter(
                                                new OAuth2AccessTokenResponseHttpMessageConverter()))
                        .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
                        .build());
        return tokens;
    }

    /**
     * Where people are sent to log in.
     *
     * @throws ProviderAwayException if there is no provider, or if it can't be asked now
     */
    public String address() {
        try {
            if (findByRegistrationId(ID) != null) {
                return OAuth2AuthorizationRequestRedirectFilter
                                .DEFAULT_AUTHORIZATION_REQUEST_BASE_URI
                        + "/"
                        + ID;
            }
        } catch (OAuth2AuthenticationException e) {
            throw new ProviderAwayException(String.valueOf(e.getMessage()));
        }
        throw new ProviderAwayException("the configuration has no provider any more");
    }

    /**
     * Where somebody can log out at the provider, if it is still the one of the configuration and
     * has said when it was looked up that one can.
     */
    @Nullable String addressToLeave(ProviderUser user) {
        Oidc oidc = admission.oidc().orElse(null);
        Found known = found;
        if (known == null || !user.isOf(oidc) || !user.isOf(known.configured())) {
            return null;
        }
        Object address =
                known.registration()
                        .getProviderDetails()
                        .getConfigurationMetadata()
                        .get("end_session_endpoint");
        return address instanceof String text && isAsSafe(text, known.configured().issuer())
                ? UriComponentsBuilder.fromUriString(text)
                        .queryParam("id_token_hint", user.getIdToken().getTokenValue())
                        .build()
                        .toUriString()
                : null;
    }

    /** Whether an address is one of the web, and over TLS if the provider's is. */
    private static boolean isAsSafe(String address, String issuer) {
        return address.startsWith("https://")
                || (address.startsWith("http://") && issuer.startsWith("http://"));
    }

    /**
     * @throws OAuth2AuthenticationException if it can't be asked now
     */
    @Override
    public @Nullable ClientRegistration findByRegistrationId(String id) {
        Oidc oidc = admission.oidc().orElse(null);
        if (oidc == null || !id.equals(ID)) {
            return null;
        }
        try {
            return find(oidc).registration();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away();
        } catch (RuntimeException e) {
            LOG.warn(
                    "the provider by which people log in can't be asked: {} ({})",
                    e.getMessage(),
                    NestedExceptionUtils.getMostSpecificCause(e).toString());
            throw away();
        }
    }

    private static OAuth2AuthenticationException away() {
        return new OAuth2AuthenticationException(
                new OAuth2Error(AWAY),
                "the provider by which people log in can't be asked now; the log of this master tells why");
    }

    private Found find(Oidc oidc) throws InterruptedException {
        String secret = admission.clientSecret();
        String url = admission.url().orElse("{baseUrl}");
        Found known = found;
        if (known != null && known.isFor(oidc, secret, url)) {
            return known;
        }
        if (!looking.tryLock(PATIENCE_WITH_OTHERS.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("it has not answered yet");
        }
        try {
            known = found;
            if (known == null || !known.isFor(oidc, secret, url)) {
                known = new Found(oidc, secret, url, lookUp(oidc, secret, url), decoders());
                found = known;
            }
            return known;
        } finally {
            looking.unlock();
        }
    }

    private static ClientRegistration lookUp(Oidc oidc, String secret, String url) {
        Set<String> scopes = new TreeSet<>(oidc.scopes());
        scopes.add("openid");
        return ClientRegistrations.fromIssuerLocation(oidc.issuer())
                .registrationId(ID)
                .clientId(oidc.clientId())
                .clientSecret(secret)
                .scope(scopes)
                .redirectUri(url + "/login/oauth2/code/{registrationId}")
                .build();
    }

    private static OidcIdTokenDecoderFactory decoders() {
        OidcIdTokenDecoderFactory decoders = new OidcIdTokenDecoderFactory();
        decoders.setJwsAlgorithmResolver(ProviderLogin::algorithm);
        return decoders;
    }

    /** RS256, which each provider should have, or the first other one that it says it signs by. */
    private static SignatureAlgorithm algorithm(ClientRegistration registration) {
        Object supported =
                registration
                        .getProviderDetails()
                        .getConfigurationMetadata()
                        .get("id_token_signing_alg_values_supported");
        if (!(supported instanceof Collection<?> names)
                || names.contains(SignatureAlgorithm.RS256.getName())) {
            return SignatureAlgorithm.RS256;
        }
        return names.stream()
                .map(name -> SignatureAlgorithm.from(String.valueOf(name)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(SignatureAlgorithm.RS256);
    }

    @Override
    public JwtDecoder createDecoder(ClientRegistration registration) {
        Found known = found;
        OidcIdTokenDecoderFactory decoders =
                known != null && known.registration() == registration
                        ? known.decoders()
                        : decoders();
        return decoders.createDecoder(registration);
    }

    @Override
    public OidcUser loadUser(OidcUserRequest request) {
        Oidc oidc =
                admission
                        .oidc()
                        .orElseThrow(() -> refusal("the provider is no longer configured here"));
        OidcUser told = users.loadUser(request);
        String claim = told.getClaimAsString(oidc.userClaim());
        String name = claim == null ? "" : claim.strip();
        if (!AccessName.isOne(name)) {
            throw refusal(
                    "the provider does not tell %s in the claim '%s': set access.oidc.user_claim to one that it has, and scopes with which it tells it"
                            .formatted(AccessName.RULE, oidc.userClaim()));
        }
        requireVerified(told, oidc.userClaim(), name);
        requireUnlisted(name);
        return new ProviderUser(told, new Person(name, groups(told, oidc), null), oidc);
    }

    /** Until it is verified, an address is what somebody has entered, also that of another. */
    private static void requireVerified(OidcUser told, String userClaim, String name) {
        if (userClaim.equals(StandardClaimNames.EMAIL)
                // Some say it by a text.
                && !"true"
                        .equalsIgnoreCase(
                                told.getClaimAsString(StandardClaimNames.EMAIL_VERIFIED))) {
            throw refusal(
                    "the provider does not say that the address '%s' is yours (email_verified): have it verified there, or ask who configures this cluster for another access.oidc.user_claim"
                            .formatted(name));
        }
    }

    /** Two may be called the same, one there and one here, and roles know people by their names. */
    private void requireUnlisted(String name) {
        try {
            if (admission.hashOf(name).isPresent()) {
                throw refusal(
                        "the provider calls you '%s', who logs in with a password here: do that if it is you; else ask who configures this cluster to take the name out of access.users_file, or for another access.oidc.user_claim"
                                .formatted(name));
            }
        } catch (UnusableAccessException e) {
            throw new AuthenticationServiceException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Set<String> groups(OidcUser told, Oidc oidc) {
        Set<String> groups = new TreeSet<>();
        switch (told.getClaim(oidc.groupsClaim())) {
            case null -> {}
            case Collection<?> names -> names.forEach(name -> groups.add(String.valueOf(name)));
            case Object name -> groups.add(String.valueOf(name));
        }
        return groups;
    }

    private static OAuth2AuthenticationException refusal(String message) {
        return new OAuth2AuthenticationException(new OAuth2Error(USER_REFUSED), message);
    }
}
