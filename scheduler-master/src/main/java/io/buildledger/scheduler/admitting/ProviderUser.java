package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Oidc;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** Somebody whom a provider of OpenID Connect knows. */
final class ProviderUser extends DefaultOidcUser {

    private static final long serialVersionUID = 1L;

    private final Person person;
    private final String issuer;
    private final String clientId;

    /**
     * @param by the provider that has told of them
     */
    ProviderUser(OidcUser told, Person person, Oidc by) {
        super(told.getAuthorities(), told.getIdToken(), told.getUserInfo());
        this.person = person;
        this.issuer = by.issuer();
        this.clientId = by.clientId();
    }

    /** Whether it is this provider that has told of them. */
    boolean isOf(@Nullable Oidc provider) {
        return provider != null
                && provider.issuer().equals(issuer)
                && provider.clientId().equals(clientId);
    }

    Person person() {
        return person;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProviderUser user && user.person.equals(person);
    }

    @Override
    public int hashCode() {
        return person.hashCode();
    }
}
