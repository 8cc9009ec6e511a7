using System.Buffers;

namespace Bindwise.Model.Secrets;

/// <summary>
/// What programs take without a telling name: <c>-p</c> is a password to sshpass, a port to ssh. Programs with the same options are one
/// family. Source: the programs' manual pages.
/// </summary>
internal static class ProgramSecrets
{
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \n");

    // A family and its programs, which have the same options; what is indented goes on.
    internal const string Families = """
        mysql: mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlsh mysqlpump mysqlslap mysqlbinlog mysql_upgrade mariadb
          mariadb-dump mariadb-admin mariadb-check mariadb-import mariadb-show mariadb-backup mariabackup xtrabackup innobackupex mycli
          mytop
        psql: psql pg_dump pg_dumpall pg_restore pg_basebackup createdb dropdb createuser pgcli
        mongo: mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles mydumper myloader mongod
        redis-cli: redis-cli valkey-cli keydb-cli redis-benchmark valkey-benchmark iredis redli
        ldap: ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd ldapmodrdn ldapcompare ldapexop
        sqlcmd: sqlcmd bcp tsql osql isql mssql-cli mssql-scripter
        samba: smbclient rpcclient smbcacls smbget smbtree winexe net wmic smbmap pth-winexe
        snmp: snmpget snmpwalk snmpset snmpbulkwalk snmpbulkget snmpgetnext snmptrap snmptable snmpdf snmpstatus snmpinform
        mosquitto: mosquitto_pub mosquitto_sub mosquitto_rr
        archive: 7z 7za 7zr 7zz rar unrar
        zip: zip unzip zipcloak
        erl: erl beam.smp iex elixir rabbitmq-server
        shadowsocks: ss-server ss-local ss-redir ss-tunnel ss-manager ssserver sslocal ssmanager ssservice shadowsocks-server
          shadowsocks-local obfs-server
        oracle: sqlplus sqlldr expdp impdp exp imp rman sql sqlcl tkprof
        pw: plink pscp psftp putty nzsql nodetool ykman
        rabbitmqctl: rabbitmqctl rabbitmq-diagnostics
        container: docker podman nerdctl buildah docker-compose podman-compose crun runc bwrap chroot
        skopeo: skopeo
        k3s: k3s rke2 k3d k0s
        gossip: consul nomad serf
        nats-server: nats-server gnatsd
        ttyd: ttyd gotty wetty
        vault: vault bao
        httpie: http https xh xhs miniserve
        freerdp: xfreerdp wlfreerdp xfreerdp3 sdl-freerdp freerdp
        encoder: x264 x265 ffmpeg ffprobe vpxenc aomenc SvtAv1EncApp
        plain: ssh scp sftp rsync sudo env socat
        microk8s: microk8s microk8s.join
        useradd: useradd usermod groupadd newusers
        vnc: x11vnc Xvnc x0vncserver vncserver
        transmission: transmission-daemon transmission-remote
        htpasswd: htpasswd htdigest
        frp: frpc frps
        npm: npm pnpm yarn
        iodine: iodine iodined
        tunnel: udp2raw udp2raw_amd64 speederv2 speederv2_amd64 kcptun kcptun-client kcptun-server client_linux_amd64 server_linux_amd64
          client_linux_arm64 server_linux_arm64 edge supernode
        mjpg_streamer: output_http.so
        redis-server: redis-server redis-sentinel valkey-server valkey-sentinel keydb-server
        """;

    // Each is a family of its own.
    internal const string Alone = """
        lftp sshpass curl etcdctl ldapvi openssl ipmitool aws git pip pip3 poetry gcloud nmcli iwctl rclone pppd pdftk snap composer bw
        ngrok cloudflared snyk mc mcli fly flyctl heroku doppler gh kubectl oc wpa_passphrase steghide cqlsh cypher-shell neo4j-admin
        beeline rdesktop psexec evil-winrm crackmapexec nxc rabbitmqadmin az couchbase-cli cbq swaks brook radtest dotnet sipp hostapd_cli
        wpa_cli nuget signtool knife sendemail sendEmail kadmin kadmin.local slappasswd chisel gost microsocks vsql gbak gsec isql-fb
        teleport gitlab-runner caddy s3cmd pkcs11-tool softhsm2-util rcon-cli mcrcon zkCli.sh pulumi argocd wg influx qemu-system-x86_64
        sipsak ncat dsmadmc ncftpget ncftpput ncftp db2 op lpass hydra medusa secretsmanager smbpasswd gpg gpg2 gpgv echo printf pass
        aria2c hysteria trojan jenkins-cli impala-shell cadaver grep wscat websocat minio tailscale kcat wget openconnect vncviewer
        sqlite3 sqlcipher duckdb cockroach pyftpdlib
        """;

    // Words that are often something else than the program of that name.
    private const string Common = """
        net http https mc zip exp imp sql op pass putty trojan plain db2 fly echo printf grep snap env influx wg npm pip git sudo medusa
        hydra docker podman vault consul nomad k3s minio mongo redis-cli wpa_passphrase passwd dotnet
        edge supernode iodine
        """;

    /// <summary>The family of a program; null for one that is not in the table.</summary>
    public static string? FamilyOf(string program)
    {
        if (Find(Alone, program) >= 0)
            return program;
        if (program.EndsWith(':') || Find(Families, program) is not (>= 0 and var at))
            return null;
        var family = Families.AsSpan(0, at);
        family = family[..family.LastIndexOf(':')];
        return family[(family.LastIndexOfAny(' ', '\n') + 1)..].ToString();
    }

    /// <summary>Words that are often something else than the program of that name: they count only where a program stands.</summary>
    public static bool IsCommonWord(string program) => Find(Common, program) >= 0;

    // A search of the text: to make a table of it takes longer than the few words that one run asks for.
    private static int Find(string table, string word)
    {
        if (word.Length == 0 || word.AsSpan().ContainsAny(Blanks))
            return -1;
        for (var at = 0; (at = table.IndexOf(word, at, StringComparison.Ordinal)) >= 0; at += word.Length)
        {
            if (IsBlankAt(table, at - 1) && IsBlankAt(table, at + word.Length))
                return at;
        }
        return -1;
    }

    private static bool IsBlankAt(string table, int index) =>
        index < 0 || index >= table.Length || Blanks.Contains(table[index]);

    public static Holds After(string? family, string option, List<string> operands) => (family, option) switch
    {
        ("sshpass" or "mongo" or "cqlsh" or "cypher-shell" or "beeline" or "rdesktop" or "psexec" or "evil-winrm" or "crackmapexec" or "nxc"
            or "rabbitmqadmin" or "couchbase-cli" or "cbq" or "useradd"
            or "steghide" or "mcrcon" or "hydra" or "medusa" or "ncftp" or "ncftpget" or "ncftpput" or "sipsak" or "dsmadmc" or "az"
            or "brook", "-p") => Holds.Secret,
        ("redis-cli", "-a") => Holds.Secret,
        ("ldap", "-w") => Holds.Secret,
        ("slappasswd", "-s") or ("knife", "-P") or ("signtool", "/p") or ("kadmin" or "kadmin.local", "-w" or "-pw") => Holds.Secret,
        ("vsql", "-w") or ("impala-shell", "-w") => Holds.Secret,
        ("sqlcmd" or "mosquitto" or "ipmitool" or "zip" or "microsocks" or "iodine" or "pyftpdlib", "-P") => Holds.Secret,
        ("tunnel", "-k" or "--key" or "-key") => Holds.Secret,
        ("snmp", "-A" or "-X" or "-c") => Holds.Secret,
        ("erl", "-setcookie" or "--cookie") => Holds.Secret,
        ("hysteria", "--auth") or ("openssl", "-k" or "-K" or "-macopt" or "-kek" or "-hmac") => Holds.Secret,
        ("pulumi", "--secret") => Holds.Nothing,
        ("openssl", "-pass" or "-passin" or "-passout" or "-passwd") => Holds.Nothing,
        ("shadowsocks", "-k") => Holds.Secret,
        ("ttyd", "-c" or "--credential") or ("mjpg_streamer", "-c") => Holds.Login,
        ("k3s", "-t") => Holds.Secret,
        ("gossip", "-encrypt" or "--encrypt" or "-k") => Holds.Secret,
        ("nats-server", "--auth" or "-auth") => Holds.Secret,
        ("nats-server", "--user" or "-user") => Holds.Nothing,
        ("vault", "-dev-root-token-id" or "--dev-root-token-id") => Holds.Secret,
        ("pw", "-pw") or ("gsec", "-pw" or "-password") or ("gbak" or "isql-fb", "-pas" or "-pass" or "-p") => Holds.Secret,
        ("swaks" or "sipp", "-ap") => Holds.Secret,
        ("sendemail" or "sendEmail", "-xp") => Holds.Secret,
        ("frp" or "influx", "-t") or ("gitlab-runner", "-r" or "-t") => Holds.Secret,
        ("chisel", "--auth") => Holds.Login,
        ("vnc", "-passwd") when operands.Count == 0 => Holds.Secret,
        ("caddy", "--plaintext" or "-p") => Holds.Secret,
        ("pkcs11-tool" or "softhsm2-util", "--pin" or "--so-pin" or "-p" or "--new-pin" or "--puk") => Holds.Secret,
        ("gh", "--body" or "-b") when operands is ["secret", "set", ..] => Holds.Secret,
        ("sqlcipher", "-key") => Holds.Secret,
        ("transmission", "-v") => Holds.Secret,
        ("transmission", "-n" or "--auth") => Holds.Login,
        ("curl", "-u" or "--user" or "-U" or "--proxy-user") => Holds.Login,
        ("curl", "-E" or "--cert" or "--proxy-cert") => Holds.FileLogin,
        ("curl", "-b") => Holds.Pair,
        ("curl", ['-', not '-', _, .., 'u']) => Holds.Login,
        ("etcdctl", "--user") or ("samba", "-U" or "--user") or ("httpie", "-a" or "--auth") or ("wscat", "--auth")
            or ("skopeo" or "container", "--creds" or "--src-creds" or "--dest-creds")
            or ("ncat", "--proxy-auth") or ("websocat", "--basic-auth") or ("aria2c", "-u") => Holds.Login,
        ("lftp", "-u") => Holds.CommaLogin,
        ("container" or "plain", "-u" or "--user") => Holds.Nothing,
        ("container" or "secretsmanager", "--secret") => Holds.Nothing,
        ("kubectl" or "oc", "--from-literal") => Holds.Pair,
        ("mysql" or "psql", "--password") => Holds.Nothing,
        ("encoder", "-pass" or "--pass") => Holds.Nothing,
        // docker run -p publishes a port; docker login -p takes a password.
        (_, "-p") when operands.Contains("login") => Holds.Secret,
        _ => Holds.Unknown,
    };

    /// <summary>Where the value begins that is written onto its option, as mysql's -pSECRET; 0 for nowhere.</summary>
    public static int AttachedAt(string? family, string argument) => (family, argument) switch
    {
        ("mysql", ['-', 'p', not '-', ..]) => 2,
        ("sshpass" or "archive" or "mongo", ['-', 'p', _, ..]) => 2,
        ("archive", ['-', 'h', 'p', _, ..]) => 3,
        ("curl", ['-', 'u' or 'U', _, ..]) or ("lftp", ['-', 'u', _, ..]) or ("samba", ['-', 'U', _, ..]) => 2,
        ("sqlcmd" or "zip" or "iodine", ['-', 'P', _, ..]) or ("tunnel", ['-', 'k', _, ..] and not "-key") => 2,
        ("ldap", ['-', 'w', _, ..]) or ("snmp", ['-', 'c' or 'A' or 'X', _, ..]) or ("shadowsocks", ['-', 'k', _, ..]) => 2,
        ("ttyd", ['-', 'c', _, ..]) => 2,
        ("freerdp", ['/', 'p', ':', _, ..]) => 3,
        ("openssl", ['p', 'a', 's', 's', ':', _, ..]) => 5,
        ("dsmadmc", ['-', 'p', 'a', '=', _, ..]) => 4,
        ("qemu-system-x86_64", ['s', 'e', 'c', 'r', 'e', 't', ',', ..]) =>
            argument.IndexOf("data=", StringComparison.Ordinal) is var at and > 0 ? at + 5 : 0,
        _ => 0,
    };

    public static Holds Attached(string? family) => family switch
    {
        "curl" or "ttyd" or "samba" => Holds.Login,
        "lftp" => Holds.CommaLogin,
        _ => Holds.Secret,
    };

    /// <summary>What an argument without an option holds, by the words that stand between it and the program.</summary>
    /// <param name="operands">The words so far that are no options.</param>
    /// <param name="flags">The letters of the short options so far.</param>
    public static Holds Operand(string? family, List<string> operands, string flags, string? before) =>
        family is null ? Holds.Unknown : (family, operands) switch
        {
            ("vault", [.., "login" or "unseal" or "unwrap" or "wrap"]) or ("vault", [.., "token", "lookup" or "renew" or "revoke"])
                or ("vault", [.., "rekey" or "generate-root"]) => Holds.Secret,
            ("vault", ["kv", ..]) => Holds.Pair,
            ("dotnet", [.., "user-secrets", "set", _]) or ("redis-server", [.., "auth-pass", _]) or ("samba", [['/', '/', ..]])
                or ("radtest", [_] or [_, _, _, _]) => Holds.Secret,
            ("redis-cli", [.., "AUTH" or "auth"]) or ("redis-cli", [.., "AUTH" or "auth", "default"]) => Holds.Secret,
            ("mysql", [.., "password"]) => Holds.Secret,
            ("rabbitmqctl", [.., "add_user" or "change_password" or "authenticate_user", _]) => Holds.Secret,
            ("htpasswd", [_, _]) when flags.Contains('b', StringComparison.Ordinal) && !flags.Contains('n', StringComparison.Ordinal) =>
                Holds.Secret,
            ("htpasswd", [_]) when flags.Contains('b', StringComparison.Ordinal) && flags.Contains('n', StringComparison.Ordinal) =>
                Holds.Secret,
            ("bw", ["unlock"]) or ("bw", ["login", _]) => Holds.Secret,
            ("ngrok", [.., "authtoken" or "add-authtoken"]) or ("cloudflared", [.., "service", "install"]) or ("snyk", ["auth"])
                or ("nuget", ["setapikey" or "setApiKey"]) => Holds.Secret,
            ("mc" or "mcli", ["alias", "set", _, _, _]) or ("mc" or "mcli", ["config", "host", "add", _, _, _]) => Holds.Secret,
            ("fly" or "flyctl" or "doppler", ["secrets", "set", ..]) => Holds.Pair,
            ("wpa_passphrase", [_]) or ("openssl", ["passwd"]) or ("neo4j-admin", [.., "set-initial-password"])
                or ("zkCli.sh", [.., "addauth", _]) => Holds.Secret,
            ("oracle", []) => Holds.SlashLogin,
            ("oracle", [.., "target" or "connect"]) => Holds.SlashLogin,
            ("microk8s", ["join"] or []) => Holds.SlashLogin,
            ("poetry" or "composer", [.., "config", var name, _]) when name.StartsWith("http-basic", StringComparison.Ordinal) =>
                Holds.Secret,
            ("poetry" or "composer", [.., "config", var name])
                when name.StartsWith("pypi-token", StringComparison.Ordinal) || name.Contains("-oauth", StringComparison.Ordinal)
                || name.Contains("-token", StringComparison.Ordinal) || name.StartsWith("bearer", StringComparison.Ordinal) => Holds.Secret,
            ("db2", [.., "using"]) or ("net" or "samba", ["use", _]) => Holds.Secret,
            // The name stands as a word, and its value after it.
            ("aws" or "hostapd_cli" or "wpa_cli" or "pulumi" or "git" or "npm" or "pip" or "pip3" or "gcloud" or "nmcli" or "iwctl"
                or "rclone"
                or "pppd" or "pdftk" or "snap" or "redis-cli" or "db2" or "minio" or "ipmitool" or "kadmin" or "kadmin.local",
                [.., var name]) when name == before && (SecretNames.KindOf(name) is SecretKind.Secret or SecretKind.SecretKey
                    || name is "user_pw" or "owner_pw") => Holds.Secret,
            _ => Holds.Unknown,
        };

    public static bool ReadsSecret(ReadOnlySpan<char> word) => word is "chpasswd" or "smbpasswd" or "passwd" or "cryptsetup"
        or "--password-stdin" or "--with-token" or "--stdin" or "-S" or "--passphrase-fd"
        or "--token-stdin" or "vncpasswd" or "openconnect" or "--passwd-on-stdin" or "htpasswd" or "pdbedit" or "kinit" or "wpa_passphrase"
        or "ldap_bind";
}
