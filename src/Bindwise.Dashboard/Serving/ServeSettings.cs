using System.Net;

namespace Bindwise.Dashboard.Serving;

/// <summary>What <c>serve</c> was asked on the command line, understood.</summary>
internal sealed record ServeSettings
{
    public PortPolicy Ports { get; init; } = PortPolicy.Exactly(9876);
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The file that holds the token; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A PEM file with the certificate and those that sign it; null for plain HTTP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with its key; null where the certificate's file has it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A proxy in front speaks TLS with the clients.</summary>
    public bool IsBehindTlsProxy { get; init; }

    /// <summary>More names that Host and Origin may carry, in lower case.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    public bool AllowsActions { get; init; }

    /// <summary>The Prometheus that the fleet is read from; null for none.</summary>
    public Uri? Prometheus { get; init; }

    /// <summary>Where metrics are sent by OTLP over HTTP; null for nowhere.</summary>
    public Uri? Otlp { get; init; }

    public int MostStreams { get; init; } = 256;

    /// <summary>So many label sets of a metric; the rest is summed.</summary>
    public int MetricsTop { get; init; } = 100;

    /// <summary>The metrics tell of every network namespace of the host.</summary>
    public bool HasAllNamespaces { get; init; }

    public required string RecordDirectory { get; init; }
    public required string Version { get; init; }

    /// <summary>Whether it speaks TLS with anybody: its clients, the Prometheus or who takes the metrics.</summary>
    public bool SpeaksTls => CertificateFile is not null || Prometheus?.Scheme == Uri.UriSchemeHttps || Otlp?.Scheme == Uri.UriSchemeHttps;

    /// <summary>Why these do not go together, one line; null where they do.</summary>
    public string? WhyNot()
    {
        if (KeyFile is not null && CertificateFile is null)
            return "--tls-key needs --tls-certificate";
        if (CertificateFile is not null && IsBehindTlsProxy)
            return "--tls-certificate and --behind-tls-proxy exclude each other: either this server speaks TLS, or the proxy";
        if (IsBehindTlsProxy && AllowsActions && TokenFile is null)
            return "--allow-actions behind a proxy needs --token-file: otherwise each of its clients could free ports with its rights";
        if (IPAddress.IsLoopback(Address))
            return null;
        if (TokenFile is null)
            return $"--address {Address} can be reached from other hosts: give --token-file too, so that not everybody can read it";
        return CertificateFile is null && !IsBehindTlsProxy
            ? $"--address {Address} can be reached from other hosts: give --tls-certificate and --tls-key, or --behind-tls-proxy if a "
                + "proxy speaks TLS" : null;
    }
}
