using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore.Tests.Options;

/// <summary>The section Bindwise: every key is read, and whatever is wrong is one sentence.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Section_EveryKey_IsRead()
    {
        var options = Read(
            ("Settings:ReuseAddress", "true"), ("Settings:ReusePort", "True"), ("Settings:V6Only", "false"), ("Settings:Backlog", "1024"), ("Settings:Device", "lo"),
            ("Settings:Freebind", "true"), ("Settings:ExclusiveAddressUse", "false"),
            ("Retry:Timeout", "00:00:30"), ("Retry:InitialDelay", "00:00:00.1"), ("Retry:MaxDelay", "00:00:02"), ("Retry:RetryOn", "Timers, FormerInstance"),
            ("Fallback", "5001-5009,0"), ("FallbackByPort:443", "8443"), ("SocketActivation", "matching"), ("SocketNames:80", "web"), ("ListenPidMismatch", "Take"),
            ("Localhost", "IPv4Only"), ("PortFile", "/run/app.port"), ("ExplainFailures", "false"),
            ("HandOver:Path", "/run/app.sock"), ("HandOver:WaitTimeout", "00:00:20"), ("HandOver:ReadyTimeout", "infinite"), ("HandOver:ConnectionGracePeriod", "00:00:01"),
            ("HandOver:DrainTimeout", "00:02:00"), ("HandOver:UseDescriptorStore", "true"), ("HandOver:FailOnVersionMismatch", "true"));
        Assert.Equal(new SocketSettings { ReuseAddress = true, ReusePort = true, V6Only = false, Backlog = 1024, Device = "lo", Freebind = true, ExclusiveAddressUse = false }, options.Settings);
        Assert.Equal(
            new BindRetryOptions { Timeout = TimeSpan.FromSeconds(30), InitialDelay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(2), RetryOn = BindRetryReasons.Timers | BindRetryReasons.FormerInstance },
            options.Retry);
        Assert.Equal(PortPolicy.Parse("5001-5009,0"), options.Fallback);
        Assert.Equal(PortPolicy.Exactly(8443), options.FallbackByPort[443]);
        Assert.Equal((SocketActivationMode.Matching, (ListenPidMismatch?)ListenPidMismatch.Take, LocalhostFamilies.IPv4Only), (options.SocketActivation, options.ListenPidMismatch, options.Localhost));
        Assert.Equal("web", options.SocketNames[80]);
        Assert.Equal("/run/app.port", options.PortFile);
        Assert.False(options.ExplainFailures);
        Assert.Equal(("/run/app.sock", true, true), (options.HandOver.Path, options.HandOver.UseDescriptorStore, options.HandOver.FailOnVersionMismatch));
        Assert.Equal((TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan), (options.HandOver.WaitTimeout, options.HandOver.ReadyTimeout));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)), (options.HandOver.ConnectionGracePeriod, options.HandOver.DrainTimeout));
    }

    [Fact]
    public void Section_Absent_IsTheDefaults()
    {
        var options = Read();
        Assert.Equal(SocketSettings.Default, options.Settings);
        Assert.Null(options.Retry);
        Assert.Null(options.Fallback);
        Assert.Equal((SocketActivationMode.Matching, (ListenPidMismatch?)null, LocalhostFamilies.Present, true), (options.SocketActivation, options.ListenPidMismatch, options.Localhost, options.ExplainFailures));
    }

    [Fact]
    public void Code_BehindTheConfiguration_HasTheLastWord()
    {
        var options = Read(static options => options.Fallback = PortPolicy.Exactly(7000), ("Fallback", "5001"), ("PortFile", "/run/app.port"));
        Assert.Equal(PortPolicy.Exactly(7000), options.Fallback);
        Assert.Equal("/run/app.port", options.PortFile);
    }

    [Fact]
    public void Retry_ThatCodeGotWrong_IsRefused()
    {
        var refused = Assert.ThrowsAny<OptionsValidationException>(static () => Read(static options => options.Retry = new BindRetryOptions { RetryOn = (BindRetryReasons)1024, TimeProvider = null! }));
        Assert.Equal(["Bindwise:Retry:RetryOn is 1024; it must be a combination of the values of BindRetryReasons.", "Bindwise:Retry has no TimeProvider; TimeProvider.System is the system's."], refused.Failures);
    }

    [Theory]
    [InlineData("Fallback", "5001-", "Bindwise:Fallback cannot be read: '5001-' is not a port or range of ports; write ports from 0 to 65535, such as 8080, 8090-8099 or 8080,0.")]
    [InlineData("Fallbak", "5001", "Bindwise:Fallbak is not known; there are Settings, SettingsByEndpoint, Retry, Fallback, FallbackByPort, SocketActivation, SocketNames, ListenPidMismatch, Localhost, PortFile, ExplainFailures, CommandLines, HandOver.")]
    [InlineData("HandOver:Path", "", "Bindwise:HandOver:Path is empty; give a path such as /run/app/hand-over.sock, or leave it out.")]
    [InlineData("HandOver:ReadyTimeout", "00:00:00", "Bindwise:HandOver:ReadyTimeout is 00:00:00; it must be more than zero, and at most 24.20:31:23.6470000.")]
    [InlineData("Settings:Backlog", "many", "Bindwise:Settings:Backlog is 'many'; write a whole number.")]
    [InlineData("Settings:Backlog", "0", "Bindwise:Settings:Backlog is 0; it must be 1 or more.")]
    [InlineData("Settings:Device", "", "Bindwise:Settings:Device is empty; give an interface, or leave it out.")]
    [InlineData("Settings:ReusePort", "yes", "Bindwise:Settings:ReusePort is 'yes'; write true or false.")]
    [InlineData("Settings", "fast", "Bindwise:Settings is 'fast'; it is a section, with ReuseAddress, ReusePort, V6Only, Backlog, Device, Freebind, UnixFileMode, ExclusiveAddressUse.")]
    [InlineData("Retry:Timeout", "30", "Bindwise:Retry:Timeout is '30'; write hours:minutes:seconds, such as 00:00:30.")]
    [InlineData("Retry:Timeout", "-00:00:01", "Bindwise:Retry:Timeout is -00:00:01; it must not be negative.")]
    [InlineData("Retry:InitialDelay", "00:00:00", "Bindwise:Retry:InitialDelay is 00:00:00; it must be more than zero.")]
    [InlineData("Retry:MaxDelay", "00:00:00.01", "Bindwise:Retry:MaxDelay is 00:00:00.0100000, below Retry:InitialDelay (00:00:00.0500000).")]
    [InlineData("Retry:RetryOn", "Timers,Luck", "Bindwise:Retry:RetryOn is 'Timers,Luck'; write some of None, Timers, Connections, FormerInstance, OtherListeners, FreePorts, Address, WhatEndsByItself, All.")]
    [InlineData("Retry:RetryOn", "3", null)]
    [InlineData("SocketActivation", "1", "Bindwise:SocketActivation is '1'; write one of Off, Matching, InsteadOfUrls.")]
    [InlineData("Localhost", "IPv6", "Bindwise:Localhost is 'IPv6'; write one of Present, IPv4Only.")]
    [InlineData("FallbackByPort:http", "81", "Bindwise:FallbackByPort:http needs a port as its key, such as 5000.")]
    [InlineData("FallbackByPort:70000", "81", "Bindwise:FallbackByPort:70000 is not a port; ports are 1 to 65535.")]
    [InlineData("PortFile", " ", "Bindwise:PortFile is empty; give a file, or leave it out.")]
    [InlineData("ExplainFailures", "1\n2", "Bindwise:ExplainFailures is '1?2'; write true or false.")]
    public void Value_ThatIsWrong_IsOneSentence(string key, string value, string? fault)
    {
        var refused = Assert.ThrowsAny<OptionsValidationException>(() => Read((key, value)));
        var one = Assert.Single(refused.Failures);
        Assert.DoesNotContain('\n', one);
        Assert.Equal("Microsoft.Extensions.Options.OptionsValidationException: " + one, refused.ToString());
        if (fault is not null)
            Assert.Equal(fault, one);
    }

    [Fact]
    public async Task Start_WithAWrongValue_IsRefusedBeforeAnythingIsBound()
    {
        await using var web = Web.Make("http://localhost:5000", settings: ("Bindwise:Fallback", "all"));
        var refused = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => web.App.StartAsync());
        Assert.StartsWith("Bindwise:Fallback cannot be read", refused.Message, StringComparison.Ordinal);
    }

    private static BindwiseOptions Read(params (string Key, string? Value)[] settings) => Read(null, settings);

    private static BindwiseOptions Read(Action<BindwiseOptions>? code, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(settings.Select(static one => KeyValuePair.Create("Bindwise:" + one.Key, one.Value)));
        builder.WebHost.UseKestrelCore().UseBindwise(code);
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<BindwiseOptions>>().Value;
    }
}
