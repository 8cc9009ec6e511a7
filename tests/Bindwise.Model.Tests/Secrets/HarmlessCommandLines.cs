namespace Bindwise.Model.Tests.Secrets;

/// <summary>Command lines without secrets that look as if they had one. Arguments are written with a bar between them.</summary>
internal static class HarmlessCommandLines
{
    public static IEnumerable<string> All => Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private const string Rows = """
        app|--port=8080
        app|--port|8080|--host|0.0.0.0
        app|--token-file|/run/secrets/token
        app|--token-file=/run/secrets/token
        app|--password-file|/run/secrets/pw
        app|--passwordFile=./pw.txt
        app|--token|/run/secrets/token
        app|--token-ttl=3600|--token-type|jwt
        app|--password-min-length|12
        app|--max-password-age=90
        app|--secret-name|db|--secret-store=aws
        app|--key=path.pem
        app|--key|server.key|--cert|server.crt
        app|--tls-key|/etc/ssl/private/x.key
        app|--private-key-path=/etc/x
        app|--api-key-file=/etc/x
        app|--ssl-key=certs/site.key
        app|--public-key|ssh-ed25519
        app|--partition-key|user-12345678901234567890
        app|--key-id|0123456789abcdef0123
        app|--auth-mode=scram|--auth|basic
        app|--auth=true|--enable-auth
        app|--authorization-mode=Node,RBAC
        app|--cookie-name|sid|--cookie-domain=h
        app|--user|joe|--group|www-data
        docker|run|-p|8080:80|nginx
        docker|run|-u|1000:1000|nginx
        docker|run|--user|www-data:www-data|nginx
        docker|run|--user=joe:users|nginx
        docker|run|-v|token:/run/token|nginx
        docker|run|--secret|db_password|nginx
        docker|service|create|--secret|source=db,target=pw|nginx
        docker|exec|0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e|sh
        docker|inspect|sha256:0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e
        containerd-shim-runc-v2|-namespace|moby|-id|0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e|-address|/run/containerd/containerd.sock
        docker-proxy|-proto|tcp|-host-ip|0.0.0.0|-host-port|8080|-container-ip|172.17.0.2|-container-port|80
        kubectl|get|secret|db-password|-o|yaml
        kubectl|delete|pod|x-7d4b9c6f5-abcde
        kubectl|create|token|default
        git|clone|git@host:org/repo.git
        git|push|git@github.com:org/repo.git|main
        git|clone|https://joe@h.example/r.git
        git|checkout|0123456789abcdef0123456789abcdef01234567
        ssh|joe@host|-p|22
        ssh|-i|~/.ssh/id_ed25519|joe@10.0.0.7
        ssh|-L|8080:localhost:80|joe@h
        ssh|-J|joe@a:22,joe@b:22|c
        scp|-P|2222|a|joe@h:/srv/a
        rsync|-a|/srv/|joe@h:/srv/
        app|550e8400-e29b-41d4-a716-446655440000
        app|--id=550e8400-e29b-41d4-a716-446655440000
        app|--uuid|550e8400-e29b-41d4-a716-446655440000
        app|--build-id=0123456789abcdef
        mysql|-u|root|-p|shop
        mysqld|--port=3306|--datadir=/var/lib/mysql|--pid-file=/run/mysqld.pid
        psql|-h|db|-p|5432|-W|shop
        psql|--password|shop
        postgres|-D|/var/lib/postgresql/16/main|-c|config_file=/etc/postgresql/16/main/postgresql.conf
        redis-server|*:6379
        redis-cli|-p|6380|ping
        mongod|--port|27017|--keyFile|/etc/mongo/key
        nats-server|-p|4222|--user|joe
        nats|--creds|/etc/nats/u.creds|sub|x
        consul|agent|-dev|-client|0.0.0.0
        vault|server|-config=/etc/vault.hcl
        vault|kv|get|secret/x
        ss-server|-c|/etc/ss.json|-p|8388
        ttyd|-p|7681|bash
        openssl|s_server|-accept|4433|-key|k.pem|-cert|c.pem
        openssl|rsa|-in|k.pem|-passin|env:PW
        openssl|rsa|-in|k.pem|-passin|file:/run/pw
        openssl|enc|-pass|stdin
        openvpn|--auth-user-pass|/etc/openvpn/auth.txt
        java|-Xmx512m|-Dserver.port=8080|-jar|app.jar
        java|-Djavax.net.ssl.keyStore=/etc/k.jks|-jar|x.jar
        ffmpeg|-pass|1|-i|a.mp4|b.mp4
        x264|--pass|2|-o|a
        npm|run|token:refresh
        rake|secret:generate|db:password:reset
        php|artisan|password:reset
        cat|token|file
        grep|-rn|password=|src
        grep|token|/var/log/x
        less|/etc/passwd
        passwd|joe
        ssh-keygen|-t|ed25519|-f|key
        python3|-m|http.server|8000
        gunicorn|-b|127.0.0.1:8000|app:app
        uvicorn|app.main:app|--port|8000
        node|--inspect=127.0.0.1:9229|x.js
        vite|--host|0.0.0.0|--port|5173
        npx|create-vite@latest|x
        npx|npm:vite@5.2.1
        ngrok|http|8080
        caddy|run|--config|/etc/caddy/Caddyfile
        haproxy|-f|/etc/haproxy.cfg|-p|/run/haproxy.pid
        sshd: joe [priv]
        nginx: master process /usr/sbin/nginx -g daemon on;
        postgres: checkpointer
        sh|-c|app --password "$DB_PASSWORD" --port 80
        sh|-c|app --password-file /run/pw ¦ tee log
        sh|-c|echo hello ¦ grep h
        sh|-c|PORT=8080 npm start
        llama-server|--max-tokens|4096|--eos-token|x
        app|--bypass|x|--compass=north|--keyboard=us
        app|http://h/?page=2&sort=key&author=joe
        app|http://127.0.0.1:8080/a@b
        app|https://h.example:8443/oauth/token
        app|--token-url=https://h.example/oauth/token|--oauth-client-id=shop
        app|{"port":8080,"host":"0.0.0.0","token_type":"jwt"}
        app|--label|app=web,tier=front
        curl|-H|Accept: application/json|-H|Host: h|http://h/
        curl|-X|POST|-d|name=joe&age=3|http://h/
        chown|joe:users|f
        install|-o|root|-g|root|a|b
        app|2001:db8::1|[::1]:8080|10.0.0.7:80
        app|mailto:joe@h.example|sip:joe@h.example
        app|a.b.c:8080@x|12:34:56
        tail|-f|/var/log/auth.log
        app|-----BEGIN CERTIFICATE-----⏎MIIB⏎-----END CERTIFICATE-----
        snmpd|-c|/etc/snmp/snmpd.conf|-p|/run/snmpd.pid
        7z|x|a.7z
        wg|set|wg0|listen-port|51820|private-key|/etc/wg/key
        minio|server|--console-address|:9001|/data
        traefik|--entrypoints.web.address=:80
        postgres_exporter|--extend.query-path|/x
        bore|local|8000|-s|h
        tinc|--invite|x
        smbd|--configfile=/etc/smb.conf
        proftpd|-n
        gogs|web|--port|3000
        gem|push|--key|x.gem
        docker|config|create|x|file
        cosign|sign|--key|cosign.key
        linkerd|--identity-issuer-key|key.pem
        kubeseal|--recovery-private-key|/k.pem
        velero|--secret-file|/x
        gcloud|auth|activate-service-account|--key-file=/k.json
        ansible-vault|--vault-password-file|/x
        telnet|h
        presto|--password|--server|h
        pgbouncer|-d|/etc/pgbouncer.ini
        vsftpd|/etc/vsftpd.conf
        occ|user:add|--password-from-env
        litecli|x.db
        dgraph|--acl_secret_file=/x
        couchdb|-a|admin|-p|x
        ollama|serve
        vncserver|-rfbauth|/root/.vnc/passwd
        novnc|--token-plugin|TokenFile|--token-source|/x
        guacd|-f
        xrdp|--nodaemon
        x11vnc|-usepw|-passwdfile|/x
        icecast|-c|/x
        asterisk|-rx|sip show peers
        geth|--unlock|0x1|--password|/p.txt
        p2pool|--wallet|x
        deluged|-c|/x
        qbittorrent-nox|--webui-port=8080
        rtorrent|-o|x=y
        syncthing|--gui-address=0.0.0.0:8384
        resilio|--config|/x
        rsnapshot|-c|/x
        s3fs|b|/m|-o|passwd_file=/x
        mount.davfs|-o|username=joe|http://h
        cadaver|http://h
        cryptsetup|luksOpen|/dev/x|y
        age|-i|key.txt
        pass|show|x
        security|find-generic-password|-w

        """;
}
