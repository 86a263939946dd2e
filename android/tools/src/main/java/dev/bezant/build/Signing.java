package dev.bezant.build;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.jcajce.JcaPGPObjectFactory;
import org.bouncycastle.openpgp.operator.jcajce.JcaKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentVerifierBuilderProvider;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPDigestCalculatorProviderBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPKeyPair;
import org.bouncycastle.openpgp.operator.jcajce.JcePBESecretKeyDecryptorBuilder;

/** Detached OpenPGP signatures, as Maven repositories have them: {@code gpg --verify} reads them. */
final class Signing {
    private static final Provider PROVIDER = new BouncyCastleProvider();

    private final PGPSecretKey secret;
    private final PGPPrivateKey key;
    private final byte[] publicKeys;

    private Signing(PGPSecretKeyRing ring, Optional<String> passphrase) throws PGPException, IOException {
        secret = signingKey(ring);
        char[] phrase = passphrase.map(String::toCharArray).orElse(new char[0]);
        key = secret.extractPrivateKey(new JcePBESecretKeyDecryptorBuilder().setProvider(PROVIDER).build(phrase));
        publicKeys = ring.toCertificate().getEncoded();
    }

    /** A key as {@code gpg --armor --export-secret-keys} writes it. */
    static Signing with(Path file, Optional<String> passphrase) throws IOException {
        try {
            return new Signing(new PGPSecretKeyRing(decoded(Files.readAllBytes(file)), new JcaKeyFingerprintCalculator()), passphrase);
        } catch (PGPException unusable) {
            throw new Refused("the signing key in " + file + " cannot be used: " + unusable.getMessage());
        }
    }

    /** The key of this build folder, made the first time. It vouches for nothing. */
    static Signing throwAway(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, armored(newKey().getEncoded()));
        }
        return with(file, Optional.empty());
    }

    private static PGPSecretKeyRing newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519", PROVIDER);
            PGPKeyPair pair = new JcaPGPKeyPair(4, PublicKeyAlgorithmTags.EDDSA_LEGACY, generator.generateKeyPair(), Date.from(Instant.now()));
            PGPSignatureSubpacketGenerator uses = new PGPSignatureSubpacketGenerator();
            uses.setKeyFlags(true, KeyFlags.SIGN_DATA | KeyFlags.CERTIFY_OTHER);
            return new PGPKeyRingGenerator(PGPSignature.POSITIVE_CERTIFICATION, pair, "Bezant throw-away key of a test build",
                    new JcaPGPDigestCalculatorProviderBuilder().setProvider(PROVIDER).build().get(HashAlgorithmTags.SHA1),
                    uses.generate(), null,
                    new JcaPGPContentSignerBuilder(PublicKeyAlgorithmTags.EDDSA_LEGACY, HashAlgorithmTags.SHA512).setProvider(PROVIDER),
                    null).generateSecretKeyRing();
        } catch (PGPException | GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static PGPSecretKey signingKey(PGPSecretKeyRing ring) {
        PGPSecretKey found = null;
        for (PGPSecretKey candidate : ring) {
            // The last one: a subkey made for signing goes before the primary key.
            found = candidate.isSigningKey() && !candidate.isPrivateKeyEmpty() ? candidate : found;
        }
        if (found == null) {
            throw new Refused("the signing key's file has no key that can sign");
        }
        return found;
    }

    byte[] sign(byte[] content) {
        try {
            PGPSignatureGenerator generator = new PGPSignatureGenerator(
                    new JcaPGPContentSignerBuilder(key.getPublicKeyPacket().getAlgorithm(), HashAlgorithmTags.SHA512).setProvider(PROVIDER),
                    secret.getPublicKey());
            generator.init(PGPSignature.BINARY_DOCUMENT, key);
            PGPSignatureSubpacketGenerator issuer = new PGPSignatureSubpacketGenerator();
            issuer.setIssuerFingerprint(false, secret.getPublicKey());
            generator.setHashedSubpackets(issuer.generate());
            generator.update(content);
            return armored(generator.generate().getEncoded());
        } catch (PGPException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    byte[] publicKey() throws IOException {
        return armored(publicKeys);
    }

    String fingerprint() {
        return HexFormat.of().formatHex(secret.getPublicKey().getFingerprint()).toUpperCase(Locale.ROOT);
    }

    /** Whether a signature of this content was made with one of these public keys. */
    static boolean verifies(byte[] content, byte[] signature, byte[] publicKeys) throws IOException {
        try {
            Object read = new JcaPGPObjectFactory(decoded(signature)).nextObject();
            if (!(read instanceof PGPSignatureList signatures) || signatures.isEmpty()) {
                return false;
            }
            PGPPublicKeyRing ring = new PGPPublicKeyRing(decoded(publicKeys), new JcaKeyFingerprintCalculator());
            PGPPublicKey signer = ring.getPublicKey(signatures.get(0).getKeyID());
            if (signer == null) {
                return false;
            }
            signatures.get(0).init(new JcaPGPContentVerifierBuilderProvider().setProvider(PROVIDER), signer);
            signatures.get(0).update(content);
            return signatures.get(0).verify();
        } catch (PGPException broken) {
            return false;
        }
    }

    private static InputStream decoded(byte[] armored) throws IOException {
        return PGPUtil.getDecoderStream(new ByteArrayInputStream(armored));
    }

    private static byte[] armored(byte[] packets) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (ArmoredOutputStream armor = ArmoredOutputStream.builder().clearHeaders().build(text)) {
            armor.write(packets);
        }
        return text.toByteArray();
    }
}
