import java.util.Arrays;
import java.util.Scanner;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The Java machine's side of the benches. For each line "OPERATION NUMBER" it does so many of them and prints the
 * nanoseconds. Run from its source: java Jvm.java
 */
final class Jvm {
    private static final byte[] MESSAGE = new byte[40];
    private static final byte[] LEFT = new byte[8];
    private static final byte[] RIGHT = new byte[8];

    /** What the results were, so that nobody may leave the work out. */
    private static int seen;

    public static void main(String[] arguments) throws Exception {
        Arrays.fill(LEFT, (byte) 0x5B);
        Arrays.fill(RIGHT, (byte) 0x5C);
        mac(20_000);
        Scanner requests = new Scanner(System.in);
        while (requests.hasNext()) {
            String operation = requests.next();
            int number = requests.nextInt();
            long from = System.nanoTime();
            if (operation.equals("mac")) {
                mac(number);
            } else if (!operation.equals("hello")) {
                System.exit(2);
            }
            System.out.println(System.nanoTime() - from);
        }
        if (seen == 1) {
            System.err.println(seen);
        }
    }

    /** ISO/IEC 9797-1 MAC algorithm 3 over 39 bytes with padding method 2, key schedules included. */
    private static void mac(int number) throws Exception {
        Cipher chain = Cipher.getInstance("DES/CBC/NoPadding");
        Cipher single = Cipher.getInstance("DES/ECB/NoPadding");
        IvParameterSpec zero = new IvParameterSpec(new byte[8]);
        for (int i = 0; i < number; i++) {
            SecretKeySpec left = new SecretKeySpec(LEFT, "DES");
            chain.init(Cipher.ENCRYPT_MODE, left, zero);
            byte[] chained = chain.doFinal(MESSAGE);
            single.init(Cipher.DECRYPT_MODE, new SecretKeySpec(RIGHT, "DES"));
            byte[] middle = single.doFinal(chained, 32, 8);
            single.init(Cipher.ENCRYPT_MODE, left);
            seen += single.doFinal(middle)[0];
        }
    }
}
