namespace Bindwise.Model.Tests.Platforms;

/// <summary>illumos's five rules of TCP and what is known of UDP; gVisor's.</summary>
public class IllumosTableTests
{
    [Theory]
    // 1. The families never conflict, unless one is exclusive.
    [InlineData("0.0.0.0", "dual [::]", "ok ILL-1")]
    [InlineData("dual [::] listening", "0.0.0.0", "ok ILL-1")]
    [InlineData("dual [::]", "127.0.0.1", "ok ILL-1")]
    [InlineData("exclusive 0.0.0.0", "dual [::]", "EADDRINUSE ILL-2")]
    // 2. Exclusive, and not past ESTABLISHED: a wildcard against anything, or equal addresses.
    [InlineData("exclusive 127.0.0.1", "reuseaddr 0.0.0.0", "EADDRINUSE ILL-2")]
    [InlineData("127.0.0.1 connected", "exclusive reuseaddr 127.0.0.1", "EADDRINUSE ILL-2")]
    [InlineData("exclusive 127.0.0.1", "127.0.0.2", "ok ILL-0")]
    [InlineData("exclusive 127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "ok ILL-4")]
    // 3. Without SO_REUSEADDR: in use unless both specific and different; TIME_WAIT blocks.
    [InlineData("reuseaddr 127.0.0.1 time-wait", "127.0.0.1", "EADDRINUSE ILL-3")]
    [InlineData("0.0.0.0", "127.0.0.1", "EADDRINUSE ILL-3")]
    [InlineData("127.0.0.1", "0.0.0.0", "EADDRINUSE ILL-3")]
    [InlineData("127.0.0.1", "127.0.0.2", "ok ILL-0")]
    // 4. With it: in use only at an equal address with a listener or a bound one; no user is asked.
    [InlineData("127.0.0.1 listening", "reuseaddr 127.0.0.1", "EADDRINUSE ILL-4")]
    [InlineData("127.0.0.1 bound", "reuseaddr 127.0.0.1", "EADDRINUSE ILL-4")]
    [InlineData("127.0.0.1 connected", "reuseaddr 127.0.0.1", "ok ILL-4")]
    [InlineData("127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "ok ILL-4")]
    [InlineData("0.0.0.0 listening", "reuseaddr user 1001 127.0.0.1", "ok ILL-4")]
    [InlineData("127.0.0.1 listening", "reuseaddr 0.0.0.0", "ok ILL-4")]
    // 5. SO_REUSEPORT joins the group of an equal address; another user is refused, with which error is not told.
    [InlineData("reuseport 127.0.0.1 listening", "reuseport 127.0.0.1", "ok ILL-5")]
    [InlineData("127.0.0.1 listening", "reuseport 127.0.0.1", "EADDRINUSE ILL-3")]
    [InlineData("reuseport 127.0.0.1 listening", "reuseport user 1001 127.0.0.1", "unknown ILL-5-USER")]
    [InlineData("127.0.0.1", "dual [::ffff:127.0.0.1]", "unknown ILL-MAPPED")]
    [InlineData("0.0.0.0 listening", "reuseaddr 127.0.0.1 listen", "unknown ILL-LISTEN")]
    // UDP: SO_REUSEADDR on the new one alone is enough.
    [InlineData("udp 127.0.0.1", "udp reuseaddr 127.0.0.1", "ok ILL-UDP")]
    [InlineData("udp 0.0.0.0", "udp reuseaddr 127.0.0.1", "ok ILL-UDP")]
    [InlineData("udp 127.0.0.1", "udp 127.0.0.1", "EADDRINUSE ILL-UDP-PLAIN")]
    [InlineData("udp 0.0.0.0", "udp 127.0.0.1", "unknown ILL-UDP-OPEN")]
    [InlineData("udp 0.0.0.0", "udp dual [::]", "unknown ILL-UDP-OPEN")]
    public void Illumos_TwoSockets_AreDecidedByItsRules(string first, string second, string told) => Assert.Equal(told, Ask.Pair("illumos", first, second));

    [Theory]
    [InlineData(true, false, "EINVAL ILL-BOUND")]
    [InlineData(false, false, "EADDRNOTAVAIL ILL-ADDR")]
    [InlineData(false, true, "EACCES ILL-PORT")]
    public void Illumos_SeveralErrors_TellsTheFirst(bool isBound, bool isLocal, string told) =>
        Assert.Equal(told, Ask.Bind("illumos", new() { Address = IpAddress.LoopbackIPv4 }, 80, isBound, isLocal));

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2", "ok GV-0")]
    [InlineData("127.0.0.1 listening", "127.0.0.1", "EADDRINUSE GV-1")]
    // A with RA, B with both, C with RP: all must share one flag.
    [InlineData("reuseaddr reuseport 127.0.0.1", "reuseport 127.0.0.1", "ok GV-1")]
    [InlineData("reuseaddr 127.0.0.1", "reuseport 127.0.0.1", "EADDRINUSE GV-1")]
    // SO_REUSEADDR on both: in any state, even a wildcard and a specific address that both listen; no user is asked.
    [InlineData("reuseaddr 0.0.0.0 listening", "reuseaddr user 1001 127.0.0.1 listen", "ok GV-LISTEN-OK")]
    [InlineData("reuseaddr 127.0.0.1 connected", "reuseaddr 127.0.0.1", "ok GV-3")]
    [InlineData("reuseaddr 127.0.0.1 listening", "reuseaddr 127.0.0.1", "EADDRINUSE GV-2")]
    [InlineData("reuseport 127.0.0.1 listening", "reuseport 127.0.0.1 listen", "ok GV-LISTEN-OK")]
    [InlineData("127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "EADDRINUSE GV-TW")]
    [InlineData("reuseaddr 127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "ok GV-TW")]
    [InlineData("reuseport 127.0.0.1 time-wait", "reuseport 127.0.0.1", "unknown GV-TW-RP")]
    [InlineData("0.0.0.0", "dual [::]", "EADDRINUSE GV-DUAL")]
    [InlineData("0.0.0.0", "v6only [::]", "ok GV-0")]
    [InlineData("udp reuseaddr 127.0.0.1", "udp reuseaddr 127.0.0.1", "ok GV-1")]
    [InlineData("127.0.0.1", "dual [::ffff:127.0.0.1]", "unknown GV-MAPPED")]
    public void Gvisor_TwoSockets_AreDecidedByItsRules(string first, string second, string told) => Assert.Equal(told, Ask.Pair("gvisor", first, second));
}
