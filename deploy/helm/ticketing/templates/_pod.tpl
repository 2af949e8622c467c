{{/* What every pod of the suite has. Arguments: root. */}}
{{- define "ticketing.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # Kubernetes would set ACCOUNTS_WEB_PORT=tcp://…, which is a variable of ours
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
{{- end -}}

{{/* What every container of the suite has. Arguments: root. */}}
{{- define "ticketing.container" -}}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* A variable from a Secret. Arguments: variable, secret, key. */}}
{{- define "ticketing.fromSecret" -}}
- name: {{ .variable }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end -}}

{{- define "ticketing.prefix" -}}
{{ . | upper | replace "-" "_" }}
{{- end -}}

{{/* The variables of a role (docs/conventions.md). Arguments: root, name, service, role (core, web or live). */}}
{{- define "ticketing.env" -}}
{{- $root := .root -}}
{{- $prefix := include "ticketing.prefix" .name -}}
{{- $settings := printf "%s-settings" $root.Release.Name -}}
{{- $own := include "ticketing.secret" (dict "root" $root "name" .name "from" .service) -}}
{{- $shared := include "ticketing.secret" (dict "root" $root "name" "shared" "from" $root.Values.shared) -}}
- {name: {{ $prefix }}_BIND, value: 0.0.0.0}
{{- if eq .role "core" }}
- {name: {{ $prefix }}_GRPC_PORT, value: {{ $root.Values.ports.grpc | quote }}}
- {name: {{ $prefix }}_OPS_PORT, value: {{ $root.Values.ports.ops | quote }}}
{{- range concat (list "DATABASE_URL") .service.secretKeys }}
{{ include "ticketing.fromSecret" (dict "variable" (print $prefix "_" .) "secret" $own "key" .) }}
{{- end }}
{{- range list "NATS_URL" "REDIS_URL" "SERVICE_SECRET" }}
{{ include "ticketing.fromSecret" (dict "variable" (print $prefix "_" .) "secret" $shared "key" .) }}
{{- end }}
{{- else if eq .role "live" }}
- {name: {{ $prefix }}_LIVE_PORT, value: {{ $root.Values.ports.web | quote }}}
{{- range list "NATS_URL" "REDIS_URL" }}
{{ include "ticketing.fromSecret" (dict "variable" (print $prefix "_" .) "secret" $shared "key" .) }}
{{- end }}
{{- else }}
- {name: {{ $prefix }}_WEB_PORT, value: {{ $root.Values.ports.web | quote }}}
- {name: {{ $prefix }}_SECURE_COOKIES, value: {{ ternary "1" "0" $root.Values.settings.secureCookies | quote }}}
{{ include "ticketing.fromSecret" (dict "variable" (print $prefix "_WEB_SECRET_KEY") "secret" $shared "key" "WEB_SECRET_KEY") }}
- name: {{ $prefix }}_ORGANISATION
  valueFrom: {configMapKeyRef: {name: {{ $settings }}, key: ORGANISATION}}
{{- end }}
- name: {{ $prefix }}_VENUE_ZONE
  valueFrom: {configMapKeyRef: {name: {{ $settings }}, key: VENUE_ZONE}}
- name: LOG_LEVEL
  valueFrom: {configMapKeyRef: {name: {{ $settings }}, key: LOG_LEVEL}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  valueFrom: {configMapKeyRef: {name: {{ $settings }}, key: OTEL_EXPORTER_OTLP_ENDPOINT}}
{{- range (get .service .role).uses }}
- {name: {{ $prefix }}_{{ include "ticketing.prefix" . }}_TARGET, value: {{ include "ticketing.target" (dict "root" $root "name" .) | quote }}}
{{- end }}
{{- range $variable, $value := (get .service .role).env }}
- {name: {{ $variable }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}
