using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Bindwise.Lab.Answering;

namespace Bindwise.Lab.Tests;

/// <summary>What a pasted error is, for pages: its name, its system, and the causes that fit.</summary>
public class ReadErrorTests
{
    [Theory]
    [InlineData("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: 权限不够)", "EACCES")]
    [InlineData("nginx: [emerg] bind() to 10.1.2.3:80 failed (99: 无法指定被请求的地址)", "EADDRNOTAVAIL")]
    [InlineData("bind [127.0.0.1]:80: Keine Berechtigung", "EACCES,EACCES")]
    [InlineData("listen EINVAL: invalid argument fe80::1:3000", "EINVAL")]
    [InlineData("listen tcp [fe80::1]:3000: bind: invalid argument", "EINVAL")]
    [InlineData("nginx: [emerg] bind() to [::]:80 failed (97: Address family not supported by protocol)", "EAFNOSUPPORT")]
    [InlineData("listen tcp :80: bind: operation not permitted", "EPERM")]
    [InlineData("listen tcp :80: bind: no such device", "ENODEV")]
    [InlineData("listen tcp :10048: bind: permission denied", "EACCES")]
    [InlineData("listen tcp 0.0.0.0:80: bind: permission denied\nlisten tcp 0.0.0.0:8080: bind: address already in use", "EACCES,EADDRINUSE")]
    [InlineData("8080", "")]
    public void Errno_IsThatOfEachTarget(string pasted, string errnos)
    {
        var read = Read(pasted);
        Assert.Equal(errnos, string.Join(',', Errors(read).Select(static error => (string?)error["errno"])));
        Assert.Equal(read["targets"]!.AsArray().Count, Errors(read).Count());
    }

    [Theory]
    [InlineData("bind: Die Adresse wird bereits verwendet", "EADDRINUSE", null)]
    [InlineData("Ошибка bind: Адрес уже используется", "EADDRINUSE", null)]
    [InlineData("bind: Cannot assign requested address", "EADDRNOTAVAIL", null)]
    [InlineData("OSError: [Errno 48] Address already in use", "EADDRINUSE", "macos")]
    [InlineData("bind: 通常每个套接字地址(协议/网络地址/端口)只允许使用一次。", "EADDRINUSE", "windows")]
    public void Text_WithoutAPlace_HasItsError_AndTheSentenceAsANote(string pasted, string errno, string? system)
    {
        var read = Read(pasted);
        Assert.Empty(read["targets"]!.AsArray());
        var error = Assert.Single(Errors(read));
        Assert.Equal((errno, system), ((string?)error["errno"], (string?)error["system"]));
        Assert.Equal(system is null, error["causes"]!.AsArray().Count > 0);
        Assert.StartsWith("no address was found in that text: ", (string?)read["note"]);
    }

    [Theory]
    [InlineData("hello world")]
    [InlineData("mkdir: cannot create directory '/var/x': Permission denied")]
    [InlineData("dial unix /var/run/docker.sock: connect: permission denied")]
    public void Text_ThatTellsOfNoBind_IsRefused(string pasted) => Assert.Throws<BadInputException>(() => Read(pasted));

    [Theory]
    [InlineData("listen tcp 10.1.2.3:80: bind: permission denied", "privileged-port denied-by-policy")]
    [InlineData("listen tcp 10.1.2.3:8080: bind: permission denied", "denied-by-policy")]
    [InlineData("listen EACCES: permission denied /run/app.sock", "unix-socket-file denied-by-policy")]
    [InlineData("listen tcp 10.1.2.3:80: bind: cannot assign requested address", "address-not-local device-mismatch")]
    [InlineData("listen tcp [2001:db8::1]:80: bind: cannot assign requested address", "address-not-local address-tentative ipv6-disabled device-mismatch")]
    [InlineData("listen tcp [fe80::1]:3000: bind: invalid argument", "scope-missing")]
    [InlineData("listen tcp [::1]:80: bind: address family not supported by protocol", "denied-by-policy ipv6-disabled")]
    [InlineData("listen tcp :80: bind: no such device", "device-mismatch")]
    [InlineData("An attempt was made to access a socket in a way forbidden by its access permissions. 0.0.0.0:80", "")]
    public void Causes_AreThoseOfTheErrorAtThatPlace(string pasted, string causes) => Assert.Equal(causes, Causes(pasted));

    [Theory]
    [InlineData("listen tcp 10.1.2.3:80: bind: address already in use", "listener time-wait reuseport-mismatch", "udp-socket unix-socket-file address-not-local ports-exhausted privileged-port free")]
    [InlineData("listen tcp 10.1.2.3:0: bind: address already in use", "ports-exhausted", "address-not-local")]
    [InlineData("listen udp 10.1.2.3:80: bind: address already in use", "udp-socket reuseport-mismatch inherited-descriptor kernel-socket", "listener dual-stack-listener time-wait bound-not-listening")]
    [InlineData("listen EADDRINUSE: address already in use /run/app.sock", "unix-socket-file unix-socket-listener stopped-process", "listener published-container-port denied-by-policy kernel-socket")]
    public void Causes_OfAnAddressInUse_AreThoseOfItsProtocol(string pasted, string present, string absent)
    {
        var causes = Causes(pasted).Split(' ');
        Assert.Superset(present.Split(' ').ToHashSet(), causes.ToHashSet());
        Assert.Empty(absent.Split(' ').Intersect(causes));
    }

    private static string Causes(string pasted) =>
        string.Join(' ', Errors(Read(pasted)).First()["causes"]!.AsArray().Select(static cause => (string)cause!));

    private static IEnumerable<JsonNode> Errors(JsonNode read) => read["errors"]!.AsArray().Select(static error => error!);

    private static JsonNode Read(string pasted)
    {
        var output = new ArrayBufferWriter<byte>();
        SnapshotCalls.ReadError(output, Encoding.UTF8.GetBytes(pasted));
        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
