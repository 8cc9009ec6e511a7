using System.Text.Json;

namespace Bindwise.Packages.Tests.Packing;

/// <content>The package of what acts on other processes, and that applications go without it.</content>
public sealed partial class PackageTests
{
    // Trimming warns of all that would fail without reflection; warnings are errors there. The library's own part is tried with it: to trim a program takes long.
    [PackedFact(inNamespace: true)]
    public async Task FreshProject_OfTheToolsAndTheLibrary_PublishedTrimmed_WarnsOfNothingAndFrees()
    {
        var project = await MakeAsync("freeing", "Microsoft.NET.Sdk", "Bindwise.Tools", """
            using System.Diagnostics;
            using System.Net;
            using System.Net.Sockets;
            using Bindwise;
            using Bindwise.Diagnostics;
            using Bindwise.Tools;

            [assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

            if (args.Length > 0)
            {
                new TcpListener(IPAddress.Loopback, 8080).Start();
                Thread.Sleep(Timeout.Infinite);
            }
            var picked = PortPicker.Pick().Ports[0].Number;
            using var holder = Process.Start(Environment.ProcessPath!, "hold");
            var met = PortDiagnostics.Wait(new WaitRequest { Queries = [PortQuery.Of(8080)], Until = WaitCondition.Listening }).IsMet;
            var owners = PortDiagnostics.List().Ports[0].Owners;
            try
            {
                using var second = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
            }
            catch (BindException refused)
            {
                Console.WriteLine($"{refused.Diagnosis!.Cause.Id()} {refused.Diagnosis.ToJson().Contains("\"port\":8080")} {PortDiagnostics.ReadUsage().Listeners}");
            }
            using var release = PortRelease.Prepare(new FreeRequest { Query = PortQuery.Of(8080), GracePeriod = TimeSpan.FromMinutes(3) });
            Console.WriteLine($"{picked > 0} {met} {owners[0].Process.Id == holder.Id} {release.Execute().Outcome == FreeOutcome.Freed}");
            """, $"""
            <PublishTrimmed>true</PublishTrimmed><SelfContained>true</SelfContained><RuntimeIdentifier>{Runtime}</RuntimeIdentifier>
            <TrimMode>full</TrimMode><TrimmerSingleWarn>false</TrimmerSingleWarn><SuppressTrimAnalysisWarnings>false</SuppressTrimAnalysisWarnings>
            <DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>
            """, verb: "publish");
        var said = await Tool.RunAsync(project, [.. PackedFactAttribute.InNamespace, $"bin/Release/net10.0/{Runtime}/publish/freeing"]);
        Assert.Equal("listener True 1\nTrue True True True\n", said);
    }

    // An application that listens gets nothing that frees ports, by whatever way it comes to the library.
    [PackedFact]
    public async Task FreshProject_OfAspNetCore_HasNoTools()
    {
        var project = await MakeAsync("bare", "Microsoft.NET.Sdk.Web", "Bindwise.AspNetCore", "_ = typeof(Bindwise.Tools.PortRelease);\n", verb: "restore");
        var said = await Tool.RunAsync(project, "/bin/sh", "-c", "dotnet build --no-restore -c Release || [ $? = 1 ]");
        Assert.Contains("error CS0234: The type or namespace name 'Tools' does not exist in the namespace 'Bindwise'", said, StringComparison.Ordinal);
        using var assets = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(project, "obj", "project.assets.json")));
        var packages = assets.RootElement.GetProperty("libraries").EnumerateObject().Select(static one => one.Name.Split('/')[0]).Where(static name => name.StartsWith("Bindwise", StringComparison.Ordinal));
        Assert.Equal(["Bindwise", "Bindwise.AspNetCore", "Bindwise.Extensions.Hosting"], packages.Order(StringComparer.Ordinal));
    }
}
