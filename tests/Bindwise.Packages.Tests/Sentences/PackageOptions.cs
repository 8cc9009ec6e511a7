using System.Reflection;
using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Bindwise.Packages.Tests.Sentences;

/// <summary>What somebody who reads a sentence of a package can set: the public types of that package and of those it brings along, and its section of the configuration.</summary>
internal sealed class PackageOptions
{
    private static readonly Dictionary<string, string[]> BroughtAlong = new()
    {
        ["Bindwise"] = ["Bindwise", "Bindwise.Model"],
        ["Bindwise.Extensions.Hosting"] = ["Bindwise.Extensions.Hosting", "Bindwise", "Bindwise.Model"],
        ["Bindwise.AspNetCore"] = ["Bindwise.AspNetCore", "Bindwise.Extensions.Hosting", "Bindwise", "Bindwise.Model"],
        ["Bindwise.Tools"] = ["Bindwise.Tools", "Bindwise", "Bindwise.Model"],
        ["Bindwise.Testing"] = ["Bindwise.Testing", "Bindwise.Tools", "Bindwise", "Bindwise.Model"],
        ["Bindwise.Testing.AspNetCore"] = ["Bindwise.Testing.AspNetCore", "Bindwise.Testing", "Bindwise.Tools", "Bindwise", "Bindwise.Model"],
    };

    private static readonly ILookup<string, Type> DotNet = new[] { typeof(object), typeof(System.Net.Sockets.Socket), typeof(System.Net.IPAddress), typeof(Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets.SocketTransportOptions) }
        .SelectMany(static one => one.Assembly.GetExportedTypes()).ToLookup(static type => type.Name.Split('`')[0]);

    private readonly string _package;
    private readonly ILookup<string, Type> _types;

    /// <summary>Those of a package.</summary>
    public PackageOptions(string package)
    {
        _package = package;
        _types = BroughtAlong[package].SelectMany(static room => Shipped.Assembly(room).GetExportedTypes())
            .ToLookup(static type => type.Name.Split('`')[0]);
    }

    /// <summary>The packages.</summary>
    public static IEnumerable<string> Packages => BroughtAlong.Keys;

    /// <summary>Whether a type of that name, the package's or .NET's, or the type of a property of that name, has this member.</summary>
    public bool HasMember(string type, string member) =>
        _types[type].Concat(DotNet[type]).Concat(_types.SelectMany(static types => types).Select(one => one.GetProperty(type)?.PropertyType).OfType<Type>()).Any(one => one.GetMember(member).Length > 0);

    /// <summary>Whether a type, the package's or .NET's, or a member of one of the package's has that name.</summary>
    public bool HasName(string name) => _types.Contains(name) || DotNet.Contains(name) || _types.Any(types => types.Any(type => type.GetMember(name).Length > 0));

    /// <summary>Whether a property of that name can have that value.</summary>
    public bool Takes(string property, string value) => _types.SelectMany(static types => types).Select(type => type.GetProperty(property)?.PropertyType).OfType<Type>()
        .Any(type => Accepts(Nullable.GetUnderlyingType(type) ?? type, value, isNullable: !type.IsValueType || Nullable.GetUnderlyingType(type) is not null));

    /// <summary>Whether the section has that key, by what its own reader says.</summary>
    /// <param name="path">Such as <c>Bindwise:Retry:Timeout</c>.</param>
    /// <param name="value">A value that the key must take; null for any.</param>
    public bool HasKey(string path, string? value = null)
    {
        // A key that is read refuses this, or takes it as a text; one that nobody reads is told, or passed over.
        const string Nonsense = "no such value";
        var faults = FaultsOf(path, value ?? Nonsense);
        return value is not null ? HasKey(path) && faults.Length == 0
            : _package == "Bindwise.AspNetCore" ? !faults.Contains("is not known", StringComparison.Ordinal)
            : faults.Contains(Nonsense, StringComparison.Ordinal);
    }

    private string FaultsOf(string path, string value)
    {
        try
        {
            if (_package == "Bindwise.AspNetCore")
            {
                var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
                web.WebHost.UseKestrelCore().UseBindwise();
                web.Configuration.AddInMemoryCollection([new(path, value)]);
                _ = web.Build().Services.GetRequiredService<IOptions<AspNetCore.BindwiseOptions>>().Value;
            }
            else if (_package == "Bindwise.Extensions.Hosting")
            {
                var host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
                host.Services.AddListener("any", ListenRequest.OnLocalhost(PortPolicy.SystemChoice));
                host.Configuration.AddInMemoryCollection([new(path, value)]);
                _ = host.Build().Services.GetRequiredService<IOptions<BindwiseHostOptions>>().Value;
            }
            return "";
        }
        catch (OptionsValidationException refused)
        {
            return refused.Message;
        }
    }

    private static bool Accepts(Type type, string value, bool isNullable) => value switch
    {
        "null" => isNullable,
        "true" or "false" => type == typeof(bool),
        _ when type.IsEnum => Enum.GetNames(type).Contains(value),
        _ when value.All(char.IsAsciiDigit) => type.IsPrimitive && type != typeof(bool),
        _ => type.GetMember(value, BindingFlags.Public | BindingFlags.Static).Length > 0,
    };
}
