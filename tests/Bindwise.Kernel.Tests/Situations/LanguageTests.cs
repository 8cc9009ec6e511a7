using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Remedies speak the language of what really holds the port.</summary>
public sealed class LanguageTests
{
    [KernelFact("node")]
    public async Task Why_DualStackListenerOfNode_SaysHowNodeLeavesIPv4Alone()
    {
        await using var host = await TestHost.OpenAsync();
        host.Start(0, "node", "-e", "require('net').createServer().listen(8080)");
        await host.Sockets.UntilSomeAsync(8080, "LISTEN");
        Remedy(await host.WhyAsync("0.0.0.0:8080"), "node", "server.listen({ port, host: '::', ipv6Only: true });");
    }

    [KernelFact]
    public async Task Why_DualStackListenerOfPython_SaysHowPythonLeavesIPv4Alone()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp :: 8080 listen dual");
        Remedy(await host.WhyAsync("0.0.0.0:8080"), "python", "sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)");
    }

    [KernelFact]
    public async Task Why_PastedErrorOfRuby_SpeaksRubyWhoeverHoldsThePort()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseport listen");
        var answer = await host.WhyPastedAsync("Address already in use - bind(2) for \"127.0.0.1\" port 8080 (Errno::EADDRINUSE)");
        var remedy = answer.Remedies.Single(static remedy => remedy.Id == "set-reuse-port");
        Assert.Equal(("ruby", "sock.setsockopt(:SOCKET, :REUSEPORT, true)"), (remedy.Language, remedy.Command));
    }

    private static void Remedy(Answer answer, string language, string code)
    {
        answer.Is("blocked", "EADDRINUSE", "dual-stack-listener");
        var remedy = answer.Remedies.Single(static remedy => remedy.Id == "set-v6-only");
        Assert.Equal((language, code), (remedy.Language, remedy.Command));
    }
}
