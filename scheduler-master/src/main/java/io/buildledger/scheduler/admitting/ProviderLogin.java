package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Oidc;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.stereotype.Component;

/**
 * The provider of OpenID Connect that the configuration in force names. It is looked up when
 * somebody first logs in there, so that a master starts without it.
 */
@Component
public final class ProviderLogin
        implements ClientRegistrationRepository, OAuth2UserService<OidcUserRequest, OidcUser> {

    /** Its name in the addresses of Spring Security. */
    static final String ID = "oidc";

    private static final int LONGEST_NAME = 100;
    private static final Logger LOG = LoggerFactory.getLogger(ProviderLogin.class);

    /** What was found, and for what configuration. */
    private record Found(
            Oidc configured, String secret, String url, ClientRegistration registration) {}

    private final Admission admission;
    private final OidcUserService users = new OidcUserService();
    private volatile @Nullable Found found;

    ProviderLogin(Admission admission) {
        this.admission = admission;
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
        } catch (RuntimeException e) {
            LOG.warn("the provider by which people log in can't be asked", e);
            throw new ProviderAwayException(
                    "the provider by which people log in can't be asked now; the log of this master tells why");
        }
        throw new ProviderAwayException("access.oidc: there is no provider in the configuration");
    }

    @Override
    public @Nullable ClientRegistration findByRegistrationId(String id) {
        Oidc oidc = admission.oidc().orElse(null);
        if (oidc == null || !id.equals(ID)) {
            return null;
        }
        String secret = admission.clientSecret();
        String url = admission.url().orElse("{baseUrl}");
        Found known = found;
        if (known != null
                && known.configured().equals(oidc)
                && known.secret().equals(secret)
                && known.url().equals(url)) {
            return known.registration();
        }
        Set<String> scopes = new TreeSet<>(oidc.scopes());
        scopes.add("openid");
        ClientRegistration registration =
                ClientRegistrations.fromIssuerLocation(oidc.issuer())
                        .registrationId(ID)
                        .clientId(oidc.clientId())
                        .clientSecret(secret)
                        .scope(scopes)
                        .redirectUri(url + "/login/oauth2/code/{registrationId}")
                        .build();
        found = new Found(oidc, secret, url, registration);
        return registration;
    }

    @Override
    public OidcUser loadUser(OidcUserRequest request) {
        Oidc oidc =
                admission
                        .oidc()
                        .orElseThrow(() -> refusal("the provider is no longer configured here"));
        OidcUser told = users.loadUser(request);
        String name = told.getClaimAsString(oidc.userClaim());
        if (name == null
                || name.isBlank()
                || name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw refusal(
                    "the provider tells no name in the claim '%s': set access.oidc.user_claim to one that it has, and scopes with which it tells it"
                            .formatted(oidc.userClaim()));
        }
        return new ProviderUser(told, new Person(name.strip(), groups(told, oidc), null));
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
        return new OAuth2AuthenticationException(new OAuth2Error("invalid_user"), message);
    }
}
